/** Stands in for a model's server: it keeps what was asked, and answers each request as the test says. */
import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { text } from "node:stream/consumers";

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

type Answer = (response: ServerResponse, request: IncomingMessage) => void | Promise<void>;

export class ModelStandIn {
  readonly asked: Asked[] = [];
  readonly port: number;
  /** How the next requests are answered. */
  answer: Answer = (response) => void response.end("{}");
  readonly #server: Server;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
    server.on("request", (request, response) => void this.#meet(request, response));
  }

  static async start(): Promise<ModelStandIn> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    return new ModelStandIn(server, typeof address === "object" ? (address?.port ?? 0) : 0);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #meet(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request).catch(() => "cut short");
    this.asked.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers, body });
    await this.answer(response, request);
  }
}

/** @returns an answer of this status with this body as JSON. */
export function json(status: number, body: unknown): Answer {
  return (response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  };
}

/** @returns an answer of server-sent events, one after the other. */
export function events(...data: readonly unknown[]): Answer {
  return (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const each of data) response.write(`data: ${typeof each === "string" ? each : JSON.stringify(each)}\n\n`);
    response.end();
  };
}
