/** A workplace is the folder that an agent works in, as it told the model: each agent says it in its own words. */
import type { Conversation } from "../script/conversation.ts";

export interface Workplace {
  /** Null where the agent did not say. */
  readonly folder: string | null;
  /** Whether a command that is to change something has to ask first, by an argument of its own. Codex alone has such. */
  readonly isReadOnly: boolean;
}

const words = [
  // Codex.
  /<cwd>(\/[^<\n]*)<\/cwd>/,
  // Claude Code, OpenCode, Copilot.
  /[Ww]orking directory: `?(\/[^\n`]*)/,
  // Gemini, Qwen Code.
  /working in the (?:following )?director(?:y|ies): `?(\/[^\n`]*)/,
  /Workspace Directories:\**\s*-\s*(\/[^\n]*)/,
];

export function workplaceOf({ system, turns }: Conversation): Workplace {
  const texts = [system, ...turns.flatMap((turn) => (turn.kind === "user" ? [turn.text] : []))];
  const rights = texts.findLast((text) => text.includes("<permission_profile")) ?? "";
  const isReadOnly = rights.includes('type="restricted"') && !rights.includes('access="write"');
  return { folder: folderIn(texts), isReadOnly };
}

function folderIn(texts: readonly string[]): string | null {
  for (const text of texts) {
    for (const pattern of words) {
      const folder = pattern.exec(text)?.[1];
      if (folder !== undefined) return folder.trim();
    }
  }
  return null;
}
