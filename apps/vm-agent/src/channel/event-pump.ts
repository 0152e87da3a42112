/**
 * The pump sends events in the order in which they were stored, as soon as they are on disk, without waiting for the
 * acknowledgement of earlier ones. A new connection begins with the first that is not acknowledged.
 */
import { maxFrameBytes } from "@sam/protocol/version";

import { logFact } from "../log.ts";
import type { Outbox, OutboxRow } from "../store/outbox.ts";

/** The connection as the pump sees it. */
export interface PumpSocket {
  readonly bufferedAmount: number;
  send(text: string): void;
}

const maxBatch = 256;
const opening = '{"type":"events","events":[';
const closing = "]}";
/** More than this on its way into the kernel: the control plane is slower than we are. */
const maxBufferedBytes = 2 * 1024 * 1024;
const retryMs = 20;

export class EventPump {
  readonly #outbox: Outbox;
  readonly #resendMs: number;
  #socket: PumpSocket | null = null;
  #position = 0;
  #heardAtMs = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(outbox: Outbox, resendMs: number) {
    this.#outbox = outbox;
    this.#resendMs = resendMs;
  }

  /** A connection was welcomed: everything unacknowledged is sent on it. */
  connect(socket: PumpSocket): void {
    this.#socket = socket;
    this.#position = 0;
    this.#heardAtMs = performance.now();
    this.pump();
  }

  disconnect(): void {
    this.#socket = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Something was acknowledged. */
  noteAcknowledgement(): void {
    this.#heardAtMs = performance.now();
  }

  /** To be called now and then: what was sent long ago and is not acknowledged goes out again. */
  resendIfSilent(): void {
    if (this.#socket === null || performance.now() - this.#heardAtMs < this.#resendMs) return;
    this.#heardAtMs = performance.now();
    const [first] = this.#outbox.after(0, 1);
    if (first === undefined || first.position > this.#position) return;
    logFact("events_sent_again", { firstPosition: first.position });
    this.#position = 0;
    this.pump();
  }

  pump(): void {
    const socket = this.#socket;
    if (socket === null || this.#timer !== null) return;
    for (;;) {
      if (socket.bufferedAmount > maxBufferedBytes) {
        this.#timer = setTimeout(() => {
          this.#timer = null;
          this.pump();
        }, retryMs);
        return;
      }
      const batch = fitting(this.#outbox.after(this.#position, maxBatch));
      const last = batch.at(-1);
      if (last === undefined) return;
      socket.send(`${opening}${batch.map((row) => row.record).join(",")}${closing}`);
      this.#position = last.position;
    }
  }
}

/** As many as a frame may hold; at least one. */
function fitting(rows: readonly OutboxRow[]): OutboxRow[] {
  let bytes = opening.length + closing.length;
  const end = rows.findIndex((row) => {
    bytes += Buffer.byteLength(row.record) + 1;
    return bytes > maxFrameBytes;
  });
  return rows.slice(0, end === -1 ? rows.length : Math.max(1, end));
}
