/** What a command printed, as it stood on the screen in the end. */
import { plainText } from "@sam/domain/plain-text";

/** A line that was drawn over itself, as progress bars do, is what stood there at last. */
const overdrawn = /^[^\n]*\r(?=[^\n])/gm;

/** @returns the text without colours. */
export function terminalText(text: string): string {
  return plainText(text.replaceAll("\r\n", "\n").replace(overdrawn, ""));
}
