/** A patch in the form that Codex edits files by. */

/** @returns a patch that adds the file; one that is there already is replaced. */
export function patchAdding(path: string, content: string): string {
  const lines = content.replace(/\n$/, "").split("\n");
  return `*** Begin Patch\n*** Add File: ${path}\n${lines.map((line) => `+${line}\n`).join("")}*** End Patch\n`;
}
