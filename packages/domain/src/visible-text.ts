/**
 * Visible text is text of others in which nothing is hidden: what has no shape of its own is named in its place. It is for
 * what a person consents to or reviews, where leaving it out would show something else than what is done.
 */

const controls = /[\u0000-\u0008\u000b-\u001f\u007f]/g;
/** Ends of lines that git and a shell do not know, what turns the reading direction, and what takes no room. */
const unseen = "[\\u0080-\\u009f\\u2028\\u2029\\ufff9-\\ufffb\\p{Default_Ignorable_Code_Point}]";
/** Scripts that need joiners, and emoji; behind a Latin, Greek or Cyrillic letter a joiner only tells two names apart. */
const joined =
  "(?<=\\p{Extended_Pictographic}|\\p{Emoji_Modifier}|[0-9#*\\ufe0f]|(?![A-Za-z\\u00c0-\\u052f])[\\p{L}\\p{M}])";
const joiner = `(?:${joined}[\\u200c\\u200d\\ufe0e\\ufe0f])`;
const unseenRuns = new RegExp(`(?:(?!${joiner})${unseen})+`, "gu");
/** More marks on one letter than any language puts there would cover the lines around. */
const stackedMarks = /(\p{M}{3})\p{M}+/gu;
/** So many of a run are named one by one. */
const namedEach = 3;

/** @returns the text with its lines and tabs, and a sign or a name in the place of whatever cannot be seen. */
export function visibleText(text: string): string {
  return text
    .toWellFormed()
    .replaceAll("\r\n", "\n")
    .replace(controls, (control) => pictureOf(control.charCodeAt(0)))
    .replace(unseenRuns, nameRun)
    .replace(stackedMarks, "$1⟨marks⟩");
}

/** @returns the same on one line. */
export function visibleLine(text: string): string {
  return visibleText(text).replaceAll(/\s+/g, " ").trim();
}

/**
 * Words of an agent inside of a sentence of SAM's: on one line and between quotation marks that they cannot close, so that
 * nobody takes them for SAM's own.
 */
export function quoted(text: string, maxLength = 1_000): string {
  const line = visibleLine(text).replaceAll(/["“”„‟«»]/g, "'");
  const shown = line.length <= maxLength ? line : `${line.slice(0, maxLength).toWellFormed()}…`;
  return `“${shown}”`;
}

/** Unicode has a picture for each, such as ␛. */
function pictureOf(code: number): string {
  return String.fromCharCode(code === 0x7f ? 0x2421 : 0x2400 + code);
}

function nameRun(run: string): string {
  const names = Array.from(
    run,
    (letter) => `U+${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`,
  );
  if (names.length <= namedEach) return names.map((name) => `⟨${name}⟩`).join("");
  return `⟨${names[0] ?? ""} and ${names.length - 1} more⟩`;
}
