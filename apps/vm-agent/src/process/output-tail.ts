/** The tail of an output: its last bytes, however much was printed. */
import { StringDecoder } from "node:string_decoder";

export class OutputTail {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    // Cut rarely: when twice the limit has come together.
    if (this.#bytes > 2 * this.#maxBytes) this.#cut();
  }

  text(): string {
    this.#cut();
    const bytes = this.#chunks[0] ?? Buffer.alloc(0);
    // A character that was cut in two at the beginning is left out.
    const start = bytes.findIndex((byte: number) => (byte & 0xc0) !== 0x80);
    return new StringDecoder("utf8").end(bytes.subarray(Math.max(0, start)));
  }

  #cut(): void {
    const all = Buffer.concat(this.#chunks);
    const kept = all.subarray(Math.max(0, all.length - this.#maxBytes));
    this.#chunks = [Buffer.from(kept)];
    this.#bytes = kept.length;
  }
}
