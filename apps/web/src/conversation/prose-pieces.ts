/**
 * A long message is shown in pieces, so that a word more at its end is a small piece read again, not all of it. A piece
 * ends where markdown surely begins anew: behind an empty line, outside a fence, before a heading or a paragraph.
 */

/** In UTF-16 units; below it a message is one piece. */
export const pieceLength = 4_000;
/** Where there is no such place, a piece of this length is cut at the end of a line. */
const longestPiece = 40_000;

/** @returns the text in pieces; one where it is short. A fence that is cut is opened again in the next piece. */
export function piecesOf(text: string): readonly string[] {
  const pieces: string[] = [];
  let rest = text;
  for (let end = pieceEnd(rest); end !== null; end = pieceEnd(rest)) {
    pieces.push(rest.slice(0, end.at));
    rest = (end.fence === null ? "" : `${end.fence}\n`) + rest.slice(end.at);
  }
  return [...pieces, rest];
}

interface PieceEnd {
  readonly at: number;
  /** What opens the fence in which the text is cut. */
  readonly fence: string | null;
}

/** @returns where the first piece ends: at the last good place of its length, else at the first one behind it. */
function pieceEnd(text: string): PieceEnd | null {
  if (text.length <= pieceLength) return null;
  let at: number | null = null;
  let fence: string | null = null;
  let isAfterEmptyLine = false;
  for (let start = 0; start < text.length;) {
    const lineEnd = text.indexOf("\n", start);
    // The last line may still grow: whether it begins a paragraph is not known.
    if (lineEnd === -1) break;
    if (at !== null && start > pieceLength) break;
    const line = text.slice(start, lineEnd);
    if (fence === null && isAfterEmptyLine && beginsAnew(line)) at = start;
    if (at === null && start > longestPiece) return { at: start, fence };
    fence = fenceAfter(fence, line);
    isAfterEmptyLine = line.trim() === "";
    start = lineEnd + 1;
  }
  return at === null ? null : { at, fence: null };
}

function beginsAnew(line: string): boolean {
  return /^(?:#{1,6} |\p{L})/u.test(line);
}

/** @returns the fence that stands open behind the line, as its opening marks. */
function fenceAfter(fence: string | null, line: string): string | null {
  const [, marks = "", rest = ""] = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
  if (marks === "") return fence;
  if (fence === null) return marks.startsWith("`") && rest.includes("`") ? null : marks;
  return marks.startsWith(fence) && rest.trim() === "" ? null : fence;
}
