/**
 * Colour means one thing: green is done with evidence, blue is in progress, amber is yours to decide, red has failed,
 * grey is unknown or beside the point. Never by colour alone: a sign and a word go with it.
 */
export type Colour = "green" | "blue" | "amber" | "red" | "grey" | "bold";

const codes: Readonly<Record<Colour, readonly [number, number]>> = {
  green: [32, 39],
  blue: [34, 39],
  amber: [33, 39],
  red: [31, 39],
  grey: [90, 39],
  bold: [1, 22],
};

export type Paint = (colour: Colour, text: string) => string;

export function paintWith(enabled: boolean): Paint {
  if (!enabled) return (_, text) => text;
  return (colour, text) => `\u001b[${codes[colour][0]}m${text}\u001b[${codes[colour][1]}m`;
}

/** NO_COLOR (any value) wins, then FORCE_COLOR, then whether a terminal listens. */
export function wantsColour(isTerminal: boolean, env: NodeJS.ProcessEnv = process.env): boolean {
  if ((env["NO_COLOR"] ?? "") !== "") return false;
  if ((env["FORCE_COLOR"] ?? "") !== "") return env["FORCE_COLOR"] !== "0";
  return isTerminal && env["TERM"] !== "dumb";
}
