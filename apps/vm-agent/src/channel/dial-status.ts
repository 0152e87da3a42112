/**
 * The HTTP status with which a dial was refused. The WebSocket API keeps it to itself; the client underneath it publishes
 * it: https://nodejs.org/api/diagnostics_channel.html, https://undici.nodejs.org/#/docs/api/DiagnosticsChannel.md
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";

import { z } from "zod";

const channel = "undici:request:headers";
const messageSchema = z.object({
  request: z.object({ path: z.string() }),
  response: z.object({ statusCode: z.number().int() }),
});

export class DialStatus {
  #status: number | null = null;
  readonly #path: string;
  readonly #listener = (message: unknown) => {
    const parsed = messageSchema.safeParse(message);
    if (parsed.success && parsed.data.request.path === this.#path) this.#status = parsed.data.response.statusCode;
  };

  /** `path` is that of the dialled URL. */
  constructor(path: string) {
    this.#path = path;
    subscribe(channel, this.#listener);
  }

  /** The status of the last answer that was no upgrade; null where there was none. */
  get status(): number | null {
    return this.#status;
  }

  stop(): void {
    unsubscribe(channel, this.#listener);
  }
}
