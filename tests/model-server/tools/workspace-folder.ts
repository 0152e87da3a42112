/** The folder that an agent works in, as it told the model: each agent says it in its own words. */
import type { Conversation } from "../script/conversation.ts";

const words = [
  // Codex.
  /<cwd>(\/[^<\n]*)<\/cwd>/,
  // Claude Code, OpenCode, Copilot.
  /[Ww]orking directory: `?(\/[^\n`]*)/,
  // Gemini, Qwen Code.
  /working in the (?:following )?director(?:y|ies): `?(\/[^\n`]*)/,
  /Workspace Directories:\**\s*-\s*(\/[^\n]*)/,
];

/** @returns the folder, or null where the agent did not say. */
export function workspaceFolder({ system, turns }: Conversation): string | null {
  const texts = [system, ...turns.flatMap((turn) => (turn.kind === "user" ? [turn.text] : []))];
  for (const text of texts) {
    for (const pattern of words) {
      const folder = pattern.exec(text)?.[1];
      if (folder !== undefined) return folder.trim();
    }
  }
  return null;
}
