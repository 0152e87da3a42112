/**
 * A model server answers coding agents as a model would, on loopback, by the script in the prompt. It stands in for
 * OpenAI, Anthropic and Gemini, and keeps no conversation: what it answers follows from the request alone.
 */
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import { json } from "node:stream/consumers";

import type { Call } from "./call.ts";
import type { Dialect } from "./dialects/dialect.ts";
import { fingerprintOf, keyOf } from "./key.ts";
import { defaultKnobs, type Knobs } from "./knobs.ts";
import { modelList, routeOf } from "./route.ts";
import { isPause } from "./script/answer.ts";
import { nextAnswer } from "./script/next-answer.ts";
import { Voice } from "./voice.ts";

export interface ModelServerOptions extends Partial<Knobs> {
  /** 0: any that is free. */
  readonly port?: number;
}

/** What is refused, in the words of the dialect. */
interface Refusal {
  readonly status: number;
  readonly message: string;
}

export class ModelServer {
  readonly calls: Call[] = [];
  readonly port: number;
  readonly #server: Server;
  #knobs: Knobs;

  private constructor(server: Server, port: number, knobs: Knobs) {
    this.#server = server;
    this.port = port;
    this.#knobs = knobs;
    server.on("request", (request, response) => void this.#meet(request, response));
  }

  /** @returns a server that listens. */
  static async start({ port = 0, ...knobs }: ModelServerOptions = {}): Promise<ModelServer> {
    const server = createServer();
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("the model server does not listen");
    return new ModelServer(server, address.port, { ...defaultKnobs, ...knobs });
  }

  /** Without a path: an agent adds `/v1` or `/v1beta`, or is told to. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Changes how the next requests are answered; those on their way stay as they are. */
  turn(knobs: Partial<Knobs>): void {
    this.#knobs = { ...this.#knobs, ...knobs };
  }

  /** Cuts whatever is still being said. */
  async stop(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #meet(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "/";
    const { dialect, purpose } = routeOf(request.method ?? "GET", path);
    const call: Call = {
      dialect: dialect?.name ?? null,
      purpose,
      path: new URL(path, this.url).pathname,
      model: null,
      keyFingerprint: fingerprintOf(keyOf(request)),
      startedAt: Date.now(),
      status: null,
      endedAt: null,
      isCutShort: false,
    };
    this.calls.push(call);
    response.on("close", () => {
      call.status = response.headersSent ? response.statusCode : null;
      call.endedAt = Date.now();
      call.isCutShort = !response.writableFinished;
    });
    const voice = new Voice(response);
    const refuse = ({ status, message }: Refusal): void =>
      voice.whole(dialect?.error(status, message) ?? { error: { message } }, status);
    try {
      const refusal = this.#refusal(call, keyOf(request));
      if (refusal !== null) refuse(refusal);
      else if (purpose === "probe") voice.whole({});
      else if (purpose === "models" || dialect === null) voice.whole(modelList(this.#knobs.models ?? ["fake-model"]));
      else if (purpose === "count") voice.whole({ input_tokens: 100, totalTokens: 100 });
      else {
        const failed = await this.#answer(dialect, { body: await json(request), path, call }, voice);
        if (failed !== null) refuse(failed);
      }
    } catch (error) {
      // No request of this dialect, or a script with a mistake in it: said plainly to whoever wrote it.
      refuse({ status: 400, message: error instanceof Error ? error.message : "the request can't be read" });
    }
  }

  #refusal({ purpose, path }: Call, key: string | null): Refusal | null {
    const { apiKey, status } = this.#knobs;
    if (purpose === "unknown") return { status: 404, message: `Nothing is served at ${path}.` };
    if (purpose === "probe") return null;
    if (apiKey !== null && key !== apiKey) return { status: 401, message: "The API key is not the right one." };
    return status === null ? null : { status, message: `The model server fails each call with ${status}.` };
  }

  async #answer(
    dialect: Dialect,
    { body, path, call }: { body: unknown; path: string; call: Call },
    voice: Voice,
  ): Promise<Refusal | null> {
    const { delayMs, models, requestFolder } = this.#knobs;
    if (requestFolder !== null) {
      const name = `${String(this.calls.length).padStart(4, "0")}-${dialect.name}.json`;
      writeFileSync(join(requestFolder, name), JSON.stringify(body, null, 2));
    }
    const conversation = dialect.read(body, path);
    const { model, isStreamed } = conversation;
    call.model = model;
    if (models?.includes(model) === false) return { status: 404, message: `The model ${model} does not exist.` };
    const answer = nextAnswer(conversation, this.#knobs);
    // In one piece, nothing can be said before a pause in its midst.
    const pauses = isStreamed ? answer.pauses : [...answer.pauses, ...answer.parts.filter(isPause)];
    const end = await voice.pause([{ kind: "wait", delayMs }, ...pauses]);
    if (end === "gone") return null;
    if (end !== null) return { status: end, message: `The script fails with ${end}.` };
    if (isStreamed) await voice.stream(dialect.beats(answer, model));
    else voice.whole(dialect.whole(answer, model));
    return null;
  }
}
