/** How much room a text takes in a terminal, in cells, and how it is broken or cut to fit. */

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const mark = /\p{M}/u;
const styling = /\u001b\[[0-9;]*m/g;

function cellsOf(character: string): number {
  if (mark.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

/** @returns the cells that a text takes; our own colours take none. */
export function cells(text: string): number {
  return [...text.replaceAll(styling, "")].reduce((sum, character) => sum + cellsOf(character), 0);
}

/** Cuts an unstyled text to `width` cells, with an ellipsis where something was left out. */
export function cut(text: string, width: number): string {
  if (cells(text) <= width) return text;
  const { head } = splitAt(text, Math.max(0, width - 1));
  return `${head}…`;
}

/** Breaks one unstyled line into lines of at most `width` cells, between words where it can. */
export function wrap(line: string, width: number): readonly string[] {
  const lines: string[] = [];
  let rest = line;
  while (cells(rest) > width) {
    const { head, tail } = splitAt(rest, width);
    const space = head.lastIndexOf(" ");
    const fits = tail.startsWith(" ");
    if (fits || space <= 0 || head.slice(0, space).trim() === "") {
      lines.push(head.trimEnd());
      rest = fits ? tail.slice(1) : tail;
    } else {
      lines.push(head.slice(0, space).trimEnd());
      rest = head.slice(space + 1) + tail;
    }
  }
  lines.push(rest);
  return lines;
}

/** The longest head of at most `width` cells, and at least one character of it, so that every caller gets on. */
function splitAt(text: string, width: number): { head: string; tail: string } {
  let head = "";
  let used = 0;
  for (const character of text) {
    used += cellsOf(character);
    if (used > width && head !== "") break;
    head += character;
  }
  return { head, tail: text.slice(head.length) };
}
