/**
 * A markdown text is unwieldy if and only if setting it could stop the page: what reads markdown calls itself for each
 * quotation and list inside of another one, and tries marks of emphasis and closing brackets against all before them. Such
 * a text is shown as it was written.
 */

/** More levels than any text means to have. */
const mostLevels = 40;
/** So many marks in one paragraph take some tenths of a second. */
const mostMarks = 2_000;

const leading = /^(?:[ \t]*(?:>|[-*+][ \t]|\d{1,9}[.)][ \t]))+/;
const level = />|[-*+][ \t]|\d[.)][ \t]/g;
const listItem = /^[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]/;
const columnsOfLevel = 2;
const emphasis = /[*_]+|\]/g;

export function isUnwieldy(text: string): boolean {
  let marks = 0;
  for (const line of text.split("\n")) {
    const [front = ""] = leading.exec(line) ?? [];
    if ((front.match(level)?.length ?? 0) > mostLevels) return true;
    const isItem = listItem.test(line);
    if (isItem && line.search(/[^ \t]/) > mostLevels * columnsOfLevel) return true;
    // Each item and each paragraph is read for itself.
    if (isItem || line.trim() === "") marks = 0;
    marks += line.match(emphasis)?.length ?? 0;
    if (marks > mostMarks) return true;
  }
  return false;
}
