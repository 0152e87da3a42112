/** Text of others as a terminal may show it. */
import { onOneLine, plainCells } from "@sam/domain/plain-text";

/** @returns the text with nothing in it but letters, line feeds, and spaces for tabs. */
export function plainText(text: string): string {
  return plainCells(text);
}

/** @returns the text on one line, for a title or a name. */
export function plainLine(text: string): string {
  return onOneLine(plainCells(text));
}
