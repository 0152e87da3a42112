/**
 * The output of a block: its first and its last bytes, and the number of those between that were left out, so that a
 * gigabyte costs no more memory than a page.
 */
export const HEAD_BYTES = 16 * 1024;
export const TAIL_BYTES = 32 * 1024;

/** Control characters that no terminal shows; they would be binary. Tab, line ends, backspace, bell and escape stay. */
const UNPRINTABLE = /[\u0000-\u0006\u000e-\u001a\u001c-\u001f\u007f]/g;

export class BlockOutput {
  readonly #head = Buffer.alloc(HEAD_BYTES);
  readonly #tail = Buffer.alloc(TAIL_BYTES);
  #headLength = 0;
  #tailLength = 0;
  #totalBytes = 0;

  get totalBytes(): number {
    return this.#totalBytes;
  }

  append(chunk: Uint8Array): void {
    this.#totalBytes += chunk.byteLength;
    const toHead = Math.min(chunk.byteLength, HEAD_BYTES - this.#headLength);
    this.#head.set(chunk.subarray(0, toHead), this.#headLength);
    this.#headLength += toHead;
    const toTail = chunk.subarray(Math.max(toHead, chunk.byteLength - TAIL_BYTES));
    const kept = Math.min(this.#tailLength, TAIL_BYTES - toTail.byteLength);
    this.#tail.copyWithin(0, this.#tailLength - kept, this.#tailLength);
    this.#tail.set(toTail, kept);
    this.#tailLength = kept + toTail.byteLength;
  }

  /**
   * What is shown of it. Bytes that are not UTF-8 become U+FFFD. While the block runs (`isFinal` false), a character of
   * which only the first bytes have arrived is held back.
   */
  text(isFinal: boolean): string {
    const head = this.#head.subarray(0, this.#headLength);
    const tail = this.#tail.subarray(0, this.#tailLength);
    const between = this.#totalBytes - head.byteLength - tail.byteLength;
    if (between === 0) {
      return decode(Buffer.concat([head, tail]), isFinal);
    }
    const headEnd = endOfWholeCharacters(head);
    const tailStart = startOfWholeCharacters(tail);
    const leftOut = between + (head.byteLength - headEnd) + tailStart;
    const note = `\n… ${leftOut.toLocaleString("en-US")} bytes left out …\n`;
    return decode(head.subarray(0, headEnd), true) + note + decode(tail.subarray(tailStart), isFinal);
  }
}

function decode(bytes: Uint8Array, isFinal: boolean): string {
  // ignoreBOM: a mark at the start is output too.
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes, { stream: !isFinal });
  return text.replace(UNPRINTABLE, "\uFFFD");
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** Where the last character that is wholly in `bytes` ends, if they are UTF-8. */
function endOfWholeCharacters(bytes: Uint8Array): number {
  let start = bytes.byteLength - 1;
  while (start > 0 && start > bytes.byteLength - 4 && isContinuation(bytes[start])) {
    start -= 1;
  }
  const lead = bytes[start] ?? 0;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return start + length > bytes.byteLength ? start : bytes.byteLength;
}

/** Where the first character that is wholly in `bytes` starts, if they are UTF-8. */
function startOfWholeCharacters(bytes: Uint8Array): number {
  let start = 0;
  while (start < 3 && isContinuation(bytes[start])) {
    start += 1;
  }
  return start;
}
