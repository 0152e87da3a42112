/**
 * A model gateway stands between one start of an agent and its model's server. The agent gets its address and a token that
 * is worth nothing elsewhere; the real key stays in this process. So no key is in an agent's environment, and SAM sees by
 * itself whether the model answers: an agent's "done" after five refused calls is no "done".
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

import { forward, refuse } from "./forward.ts";
import { isAdmitted, targetOf, type ModelServer } from "./gateway-request.ts";
import { isModelCall } from "./model-call.ts";
import type { TurnLedger } from "./turn-ledger.ts";

/** How long a connection of the agent is kept open for its next request. */
const keepAliveMs = 120_000;

export class ModelGateway {
  /** Without a slash at its end; takes the place of the model server's base URL. */
  readonly url: string;
  /** What the agent has for a key. */
  readonly token: string;
  readonly #server: Server;
  readonly #model: ModelServer;
  readonly #ledger: TurnLedger;

  private constructor(server: Server, port: number, model: ModelServer, ledger: TurnLedger) {
    this.url = `http://127.0.0.1:${port}`;
    // With the beginning that some clients look for in a key.
    this.token = `sk-sam-${randomBytes(24).toString("hex")}`;
    this.#server = server;
    this.#model = model;
    this.#ledger = ledger;
    server.on("request", (request, response) => this.#meet(request, response));
  }

  /** @returns a gateway that listens on loopback alone. */
  static async start(model: ModelServer, ledger: TurnLedger): Promise<ModelGateway> {
    const server = createServer({ keepAliveTimeout: keepAliveMs, requestTimeout: 0 });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("the model gateway does not listen");
    return new ModelGateway(server, address.port, model, ledger);
  }

  /** Cuts whatever is on its way. */
  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #meet(request: IncomingMessage, response: ServerResponse): void {
    response.on("error", () => response.destroy());
    if (!isAdmitted(request, this.token)) {
      request.resume();
      refuse(response, 401, "this token is not the agent's");
      return;
    }
    const target = targetOf(request, this.#model);
    if (target === null) {
      request.resume();
      refuse(response, 400, "such a path is not passed on");
      return;
    }
    const isCall = isModelCall(request.method ?? "GET", target.pathname);
    forward({ request, response, target, server: this.#model, entry: isCall ? this.#ledger.open() : null });
  }
}
