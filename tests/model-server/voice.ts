/** A voice says an answer on an HTTP response: event by event, with its pauses, until it is said or the client is gone. */
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import type { Beat } from "./dialects/dialect.ts";
import type { Pause } from "./script/answer.ts";

export class Voice {
  readonly #response: ServerResponse;
  readonly #gone = new AbortController();

  constructor(response: ServerResponse) {
    this.#response = response;
    response.on("close", () => this.#gone.abort());
  }

  /** The answer in one piece. */
  whole(body: unknown, status = 200): void {
    if (this.#isOver()) return;
    this.#response.writeHead(status, { "content-type": "application/json" });
    this.#response.end(JSON.stringify(body));
  }

  /** @returns the status to fail with where one of the pauses says so; "gone" where the client didn't wait. */
  async pause(pauses: readonly Pause[]): Promise<number | "gone" | null> {
    for (const pause of pauses) {
      if (pause.kind === "fail") return pause.status;
      await this.#wait(pause.kind === "hang" ? null : pause.delayMs);
      if (this.#isOver()) return "gone";
    }
    return null;
  }

  /** Events as they come. A failure in their midst cuts the connection: the status has been said. */
  async stream(beats: Iterable<Beat>): Promise<void> {
    if (this.#isOver()) return;
    this.#response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    for (const beat of beats) {
      if (beat.kind === "event") this.#response.write(eventOf(beat));
      else if ((await this.pause([beat])) !== null) {
        // Ended, not destroyed: what has been said reaches the client.
        this.#response.socket?.end();
        return;
      }
    }
    this.#response.end();
  }

  #isOver(): boolean {
    return this.#gone.signal.aborted || this.#response.writableEnded;
  }

  /** @param delayMs null: until the client goes away */
  async #wait(delayMs: number | null): Promise<void> {
    // Headers and what was said so far must not wait in a buffer for what comes later.
    if (this.#response.headersSent) this.#response.flushHeaders();
    const { signal } = this.#gone;
    if (signal.aborted || delayMs === 0) return;
    if (delayMs !== null) await sleep(delayMs, undefined, { signal }).catch(() => undefined);
    else await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  }
}

function eventOf({ name, data }: Extract<Beat, { kind: "event" }>): string {
  const line = name === undefined ? "" : `event: ${name}\n`;
  return `${line}data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
}
