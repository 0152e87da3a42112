/** Command lines, for agents that have no other tool for a step. */

/** How Codex's tool is told to ask a person, and then to run the command outside of the sandbox. */
export const escalation = {
  sandbox_permissions: "require_escalated",
  justification: "May I run a command that changes files?",
} as const;

export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** @returns a command that writes the file, whatever its content is. */
export function writingCommand(path: string, content: string): string {
  const file = quoted(path);
  const encoded = Buffer.from(content).toString("base64");
  return `mkdir -p -- "$(dirname -- ${file})" && printf %s ${encoded} | base64 -d > ${file}`;
}
