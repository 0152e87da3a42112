/**
 * Text of others as the page may show it: nothing in it moves a cursor, turns the reading direction of what follows, or
 * takes no room. The terminal has the same list; here joiners and the style of an emoji stay where a letter needs them.
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
const repeatedJoiners = new RegExp(`(${joiner})(?:\\u200c|\\u200d|\\ufe0e)+`, "gu");
/** More marks on one letter than any language puts there would reach into the lines around. */
const stackedMarks = /(\p{M}{3})\p{M}+/gu;
/** Most text has none of it, and is left as it is. */
const suspicious =
  /[^\t\n\u0020-\u007e\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u23ff\u2500-\u27bf\u3001-\ud7ff]/u;

/** @returns the text with nothing in it but letters, signs, tabs and line feeds. */
export function plainText(text: string): string {
  if (!suspicious.test(text)) return text;
  return text
    .toWellFormed()
    .replace(lineEnds, "\n")
    .replace(stringSequences, "")
    .replace(controlSequences, "")
    .replace(otherEscapes, "")
    .replace(controls, "")
    .replace(invisible, "")
    .replace(strayJoiners, "")
    .replace(repeatedJoiners, "$1")
    .replace(stackedMarks, "$1");
}

/** @returns the text on one line, for a title or a name. */
export function plainLine(text: string): string {
  return plainText(text).replaceAll(/\s+/g, " ").trim();
}

/** A line that was drawn over itself, as progress bars do, is what stood there at last. */
const overdrawn = /^[^\n]*\r(?=[^\n])/gm;

/** @returns what a command printed, as it stood on the screen in the end, without colours. */
export function terminalText(text: string): string {
  return plainText(text.replaceAll("\r\n", "\n").replace(overdrawn, ""));
}
