/**
 * The sections of a patch, one a file, cut out of git's output as it comes. A section that is too long is let go at once;
 * of many that are too much together, the longest are.
 */

/** Every other line of a patch begins with another letter, or with a sign. */
const header = Buffer.from("\ndiff --git ");
const maxKeptBytes = 8 * 1024 * 1024;

interface Section {
  /** Null where it was let go. */
  chunks: Buffer[] | null;
  bytes: number;
}

export class PatchSections {
  readonly #maxBytes: number;
  readonly #sections: Section[] = [];
  #carry: Buffer = Buffer.alloc(0);

  /** @param maxBytes of one section. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(chunk: Buffer): void {
    let data = Buffer.concat([this.#carry, chunk]);
    for (let at = data.indexOf(header); at !== -1; at = data.indexOf(header)) {
      this.#append(data.subarray(0, at + 1));
      this.#begin();
      data = data.subarray(at + 1);
    }
    const whole = Math.max(0, data.length - header.length + 1);
    this.#append(data.subarray(0, whole));
    this.#carry = data.subarray(whole);
  }

  /** @returns the text of each section in order; null for one that was let go. */
  end(): (string | null)[] {
    this.#append(this.#carry);
    this.#carry = Buffer.alloc(0);
    return this.#sections.map(({ chunks }) => (chunks === null ? null : Buffer.concat(chunks).toString("utf8")));
  }

  #begin(): void {
    this.#sections.push({ chunks: [], bytes: 0 });
    let kept = this.#sections.reduce((sum, { chunks, bytes }) => sum + (chunks === null ? 0 : bytes), 0);
    while (kept > maxKeptBytes) {
      const longest = this.#sections.reduce((left, right) => (sizeOf(right) > sizeOf(left) ? right : left));
      kept -= longest.bytes;
      longest.chunks = null;
    }
  }

  #append(part: Buffer): void {
    if (part.length === 0) return;
    if (this.#sections.length === 0) this.#begin();
    const section = this.#sections.at(-1);
    if (section === undefined || section.chunks === null) return;
    section.bytes += part.length;
    if (section.bytes > this.#maxBytes) section.chunks = null;
    else section.chunks.push(Buffer.from(part));
  }
}

function sizeOf({ chunks, bytes }: Section): number {
  return chunks === null ? -1 : bytes;
}
