/**
 * Text of others as a terminal may show it. What an agent wrote can carry escape sequences that move the cursor, recolour
 * the screen, or reverse the reading order; none of it is let through, so that nobody can write in SAM's name.
 */

/** Everything that some reader takes for the end of a line. */
const lineEnds = /\r\n|[\r\v\f\u0085\u2028\u2029]/g;
/** OSC, DCS, SOS, PM and APC carry a text up to a terminator; a missing one ends with the line. */
const stringSequences =
  /(?:\u001b[\]PX^_]|[\u0090\u0098\u009d\u009e\u009f])[^\u0007\u001b\u009c\n]*(?:\u0007|\u001b\\|\u009c)?/g;
const controlSequences = /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?/g;
const otherEscapes = /\u001b[ -/]*[0-~]?/g;
const controls = /[\u0000-\u0008\u000e-\u001f\u007f-\u009f]/g;
/** What reverses the reading order, takes no room, or hides what it carries. */
const invisible = /[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu;
/** More marks on one letter than any language puts there would reach into the lines around. */
const stackedMarks = /(\p{M}{3})\p{M}+/gu;

/** @returns the text with nothing in it but letters, line feeds, and spaces for tabs. */
export function plainText(text: string): string {
  return text
    .toWellFormed()
    .replace(lineEnds, "\n")
    .replace(stringSequences, "")
    .replace(controlSequences, "")
    .replace(otherEscapes, "")
    .replaceAll("\t", "  ")
    .replace(controls, "")
    .replace(invisible, "")
    .replace(stackedMarks, "$1");
}

/** @returns the text on one line, for a title or a name. */
export function plainLine(text: string): string {
  return plainText(text).replaceAll(/\s+/g, " ").trim();
}
