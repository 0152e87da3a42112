/**
 * A mark stands for a text where only "the same again?" is asked: its length and 64 bits of FNV-1a, in two halves. It is
 * no proof against somebody who looks for a second text with the same mark.
 */
const prime = 0x01000193;

/** @returns the mark of a text; equal texts have equal marks. */
export function markOf(text: string): string {
  let low = 0x811c9dc5;
  let high = 0xcbf29ce4;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    low = Math.imul(low ^ code, prime) >>> 0;
    high = Math.imul(high ^ (code + low), prime) >>> 0;
  }
  const hex = (half: number) => half.toString(16).padStart(8, "0");
  return `${text.length}-${hex(high)}${hex(low)}`;
}
