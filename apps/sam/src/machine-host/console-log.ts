/** A server's console: what its VM agent writes to stdout and stderr, bounded in size, with one older file kept. */
import { closeSync, fstatSync, openSync, renameSync, write } from "node:fs";
import type { Readable } from "node:stream";
import { promisify } from "node:util";

const writeTo = promisify(write);

export class ConsoleLog {
  readonly #path: string;
  readonly #maxBytes: number;
  #file: number | null = null;
  #bytes = 0;
  #tail: Promise<void> = Promise.resolve();

  constructor(path: string, maxBytes: number) {
    this.#path = path;
    this.#maxBytes = maxBytes;
  }

  /** Copies a stream to its end. The stream is held back while the disk is slower; a full disk loses lines, not servers. */
  async copy(stream: Readable): Promise<void> {
    try {
      for await (const chunk of stream) await this.append(Buffer.isBuffer(chunk) ? chunk : String(chunk));
    } catch {
      // The stream was cut off with its process: what came before is written.
      await this.#tail;
    }
  }

  /** Never rejects. */
  append(data: string | Buffer): Promise<void> {
    this.#tail = this.#tail.then(() => this.#write(Buffer.from(data))).catch(() => this.close());
    return this.#tail;
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  async #write(data: Buffer): Promise<void> {
    if (this.#file === null) this.#open();
    if (this.#bytes > 0 && this.#bytes + data.length > this.#maxBytes) {
      this.close();
      renameSync(this.#path, `${this.#path}.1`);
      this.#open();
    }
    if (this.#file === null) return;
    this.#bytes += data.length;
    await writeTo(this.#file, data.subarray(0, this.#maxBytes));
  }

  #open(): void {
    this.#file = openSync(this.#path, "a", 0o600);
    this.#bytes = fstatSync(this.#file).size;
  }
}
