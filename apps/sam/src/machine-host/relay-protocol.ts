/**
 * The relay protocol, over the server's unix socket: the relay asks with one line of JSON and is told a status in one
 * line; if that is `ok`, git's own protocol follows. Up: the bytes as they are, and a half-close for the end of input.
 * Down: frames, because output, complaints and the exit code share the one stream.
 *
 * The relay starts anew for each fetch and must start fast, so nothing here needs more than Node's own modules.
 */

export const relayServices = ["git-upload-pack", "git-receive-pack", "probe"] as const;
export type RelayService = (typeof relayServices)[number];

export const relayStatuses = ["ok", "not_attached", "not_found", "not_a_repository", "permission_denied"] as const;
export type RelayStatus = (typeof relayStatuses)[number];

/** What the status line may say beside the statuses above: the request itself was not of this protocol. */
export interface RelayAnswer {
  readonly status: RelayStatus | "bad_request";
  /** For a person. */
  readonly message: string;
}

export const frameTypes = { output: 1, complaint: 2, exit: 3 } as const;
export type FrameType = (typeof frameTypes)[keyof typeof frameTypes];

export interface Frame {
  readonly type: number;
  readonly payload: Buffer;
}

export const maxLineBytes = 16 * 1024;
const headerBytes = 5;

/** One byte of type, four of length, big-endian. */
export function frameHeader(type: FrameType, length: number): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt8(type, 0);
  header.writeUInt32BE(length, 1);
  return header;
}

/** Cuts a stream of bytes into frames. */
export class FrameReader {
  #pending: Buffer[] = [];
  #bytes = 0;

  /** @returns the frames that are complete now. */
  push(chunk: Buffer): Frame[] {
    this.#pending.push(chunk);
    this.#bytes += chunk.length;
    const frames: Frame[] = [];
    for (;;) {
      const frame = this.#take();
      if (frame === null) return frames;
      frames.push(frame);
    }
  }

  #take(): Frame | null {
    if (this.#bytes < headerBytes) return null;
    const joined = this.#join();
    const end = headerBytes + joined.readUInt32BE(1);
    if (joined.length < end) return null;
    this.#pending = [joined.subarray(end)];
    this.#bytes = joined.length - end;
    return { type: joined.readUInt8(0), payload: joined.subarray(headerBytes, end) };
  }

  #join(): Buffer {
    const [first, second] = this.#pending;
    if (first !== undefined && second === undefined) return first;
    const joined = Buffer.concat(this.#pending);
    this.#pending = [joined];
    return joined;
  }
}

/** Cuts the first line off a stream of bytes; what follows it is the rest. */
export class LineReader {
  #bytes = Buffer.alloc(0);

  /** @returns null until the line is complete; an over-long line is `tooLong`. */
  push(chunk: Buffer): { readonly line: string; readonly rest: Buffer } | "tooLong" | null {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    const end = this.#bytes.indexOf(0x0a);
    if (end < 0) return this.#bytes.length > maxLineBytes ? "tooLong" : null;
    return { line: this.#bytes.subarray(0, end).toString("utf8"), rest: this.#bytes.subarray(end + 1) };
  }
}
