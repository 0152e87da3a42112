/**
 * Plain text is text of others in which nothing moves a cursor, recolours a screen, turns the reading direction of what
 * follows, or takes no room, so that nobody can write in SAM's name. It is for reading; where a person consents to
 * something, nothing may be left out (visible-text.ts).
 */

/** Everything that some reader takes for the end of a line. */
const lineEnds = /\r\n|[\r\v\f\u0085\u2028\u2029]/g;
/** OSC, DCS, SOS, PM and APC carry a text up to a terminator; a missing one ends with the line. */
const stringSequences =
  /(?:\u001b[\]PX^_]|[\u0090\u0098\u009d\u009e\u009f])[^\u0007\u001b\u009c\n]*(?:\u0007|\u001b\\|\u009c)?/g;
const controlSequences = /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?/g;
const otherEscapes = /\u001b[ -/]*[0-~]?/g;
const controls = /[\u0000-\u0008\u000e-\u001f\u007f-\u009f]/g;
/** Persian needs the first, families of emoji the second, and the last two say whether a sign is an emoji. */
const joiner = "(?:\\u200c|\\u200d|\\ufe0e|\\ufe0f)";
/** What reverses the reading order, takes no room, or hides what it carries. */
const invisible = new RegExp(`(?!${joiner})[\\p{Default_Ignorable_Code_Point}\\ufff9-\\ufffb]`, "gu");
/** A joiner stays behind what it can join: a letter, a mark, an emoji; and only one of a kind. */
const strayJoiners = new RegExp(
  `(?<!\\p{L}|\\p{M}|\\p{Extended_Pictographic}|\\p{Emoji_Modifier}|[0-9#*]|\\ufe0f)${joiner}+`,
  "gu",
);
const anyJoiner = new RegExp(joiner, "gu");
const repeatedJoiners = new RegExp(`(${joiner})(?:\\u200c|\\u200d|\\ufe0e)+`, "gu");
/** More marks on one letter than any language puts there would reach into the lines around. */
const stackedMarks = /(\p{M}{3})\p{M}+/gu;
/** Most text has none of it, and is left as it is. */
const suspicious =
  /[^\t\n\u0020-\u007e\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u23ff\u2500-\u27bf\u3001-\ud7ff]/u;

/** @returns the text with nothing in it but letters, signs, tabs and line feeds; joiners stay where a letter needs them. */
export function plainText(text: string): string {
  if (!suspicious.test(text)) return text;
  return withoutSequences(text)
    .replace(invisible, "")
    .replace(strayJoiners, "")
    .replace(repeatedJoiners, "$1")
    .replace(stackedMarks, "$1");
}

/** The same for who counts cells, as a terminal does: without joiners, and with spaces for tabs. */
export function plainCells(text: string): string {
  if (!suspicious.test(text)) return text.replaceAll("\t", "  ");
  return withoutSequences(text)
    .replaceAll("\t", "  ")
    .replace(invisible, "")
    .replace(anyJoiner, "")
    .replace(stackedMarks, "$1");
}

function withoutSequences(text: string): string {
  return text
    .toWellFormed()
    .replace(lineEnds, "\n")
    .replace(stringSequences, "")
    .replace(controlSequences, "")
    .replace(otherEscapes, "")
    .replace(controls, "");
}

/** @returns the text on one line, for a title or a name. */
export function plainLine(text: string): string {
  return onOneLine(plainText(text));
}

/** @returns a plain text on one line. */
export function onOneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
