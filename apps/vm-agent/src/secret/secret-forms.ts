/**
 * The forms of a secret are the texts that give it away: its value, and what common encodings make of it. A form is
 * recognised wherever it stands; one that is shorter than `minFormLength` would be found in innocent text.
 */

export const minFormLength = 6;
/** Three letters of base64 may stand in any text by chance, twelve do not. */
const minEncodedLength = 8;
const minLineLength = 16;

/** @returns every form of the value that is long enough, longest first. */
export function formsOf(value: string): readonly string[] {
  if (value.length < minFormLength) return [];
  const escaped = jsonEscaped(value);
  const forms = [
    value,
    escaped,
    jsonEscaped(escaped),
    ...urlForms(value),
    ...base64Forms(Buffer.from(value)).filter((form) => form.length >= minEncodedLength),
    ...linesOf(value),
  ];
  return [...new Set(forms)].toSorted((left, right) => right.length - left.length);
}

function jsonEscaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function urlForms(value: string): string[] {
  // A lone half of a surrogate pair has no such form.
  if (!value.isWellFormed()) return [];
  const encoded = encodeURIComponent(value);
  const lower = encoded.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  const strict = encoded.replaceAll(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
  return [encoded, lower, strict, encoded.replaceAll("%20", "+")];
}

/** Whatever stands before the value, its bytes begin at one of three places in a group; only whole letters are kept. */
function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    const core = encoded.slice(Math.ceil((before * 4) / 3), Math.floor(((before + bytes.length) * 4) / 3));
    return [core, core.replaceAll("+", "-").replaceAll("/", "_")];
  });
}

/** A key of many lines, as a diff or a log shows it: line by line. */
function linesOf(value: string): string[] {
  if (!value.includes("\n")) return [];
  const lines = value.split("\n").map((line) => line.trim());
  return lines.filter((line) => line.length >= minLineLength && !line.startsWith("-----"));
}
