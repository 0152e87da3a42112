/** Output that promises one JSON object a line. */

/** @returns the objects. Throws on a whole line that is not one; a last line without its end is still on its way. */
export function parseJsonLines(text: string): readonly Record<string, unknown>[] {
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => {
      const value: unknown = JSON.parse(line);
      if (typeof value !== "object" || value === null || Array.isArray(value))
        throw new Error(`no JSON object: ${line}`);
      return Object.fromEntries(Object.entries(value));
    });
}
