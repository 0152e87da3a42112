/** A clipped text is one that was shortened to fit a limit of the protocol, and says by how much. Lengths are in UTF-16 units. */

/** Keeps the beginning; where something is cut, the last words say how many characters were left out. */
export function clipHead(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const room = Math.max(0, maxLength - 40);
  return `${text.slice(0, room)}… [${text.length - room} characters left out]`.slice(0, maxLength);
}

/** Keeps the end, which is where the error stands in an output. */
export function clipTail(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const room = Math.max(0, maxLength - 40);
  return `[${text.length - room} characters left out] …${text.slice(text.length - room)}`.slice(0, maxLength);
}

/** The message of anything that was thrown, for evidence and logs. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
