/** The session with an agent: one ACP connection, one session on it, one turn at a time. */
import {
  client,
  methods,
  PROTOCOL_VERSION,
  RequestError,
  type ClientCapabilities,
  type ClientConnection,
  type NewSessionRequest,
  type RequestPermissionRequest,
} from "@agentclientprotocol/sdk/unstable";

import { clipHead, messageOf } from "../clipped-text.ts";
import { withDeadline } from "../deadline.ts";
import type { AgentAdapter } from "./adapters/agent-adapter.ts";
import type { AgentProcess } from "./agent-process.ts";
import { agentWire } from "./agent-wire.ts";
import type { TurnAnswer } from "./turn-end.ts";
import { readWorkspaceFile, writeWorkspaceFile } from "./workspace-files.ts";

export interface SessionOptions {
  /** Path of the workspace. */
  readonly workspace: string;
  /** A program that prints something else than messages has so long to open a session nevertheless. */
  readonly strayMs: number;
  /** Goes with `session/new` and `session/load`. */
  readonly meta: Readonly<Record<string, unknown>> | null;
  readonly adapter: Pick<AgentAdapter, "askingMode" | "clientMeta" | "usesClientFiles">;
}

export interface PermissionAnswer {
  /** The chosen option, or null for "cancelled". */
  readonly optionId: string | null;
  /** Called when the agent has been sent it. */
  readonly onWritten: () => void;
}

export interface SessionListener {
  onUpdate(update: Record<string, unknown>): void;
  /**
   * @param signal aborted where the agent takes its question back.
   */
  onPermission(request: RequestPermissionRequest, signal: AbortSignal): Promise<PermissionAnswer>;
  /** The agent has written too much that is not of the protocol. */
  onGarbled(evidence: string): void;
}

export interface OpenedSession {
  readonly sessionId: string;
  readonly canLoadSession: boolean;
  readonly loaded: boolean;
  readonly name: string;
  readonly version: string;
}

export interface OpenRequest {
  readonly loadSessionId: string | null;
  readonly timeoutMs: number;
  readonly onPhase: (phase: "initializing" | "opening_session" | "loading_session") => void;
}

/** The agent answered, but not with what the protocol asks for. */
export class NotOfProtocol extends Error {}

/** The agent has no mode in which it asks before it acts, so it is not let loose. */
export class CannotAsk extends Error {}

type Modes = { readonly currentModeId: string; readonly availableModes: readonly { readonly id: string }[] };

const maxStrays = 32;

export class AgentSession {
  readonly #options: SessionOptions;
  readonly #listener: SessionListener;
  readonly #connection: ClientConnection;
  readonly #garbled = Promise.withResolvers<never>();
  /** What waits for an answer to be written, by the id of the agent's request. */
  readonly #onWritten = new Map<string | number | null, () => void>();
  #strays: string[] = [];
  #strayCount = 0;
  #isReplaying = false;
  #sessionId = "";

  constructor(process: AgentProcess, options: SessionOptions, listener: SessionListener) {
    this.#options = options;
    this.#listener = listener;
    // Whoever waits for an answer is told; where nobody waits, the listener is.
    this.#garbled.promise.catch(() => undefined);
    const stream = agentWire(process.child.stdin, process.child.stdout, {
      onUpdate: (update) => {
        if (!this.#isReplaying) listener.onUpdate(update);
      },
      onStray: (evidence) => this.#noteStray(evidence),
      onAnswered: (id) => {
        this.#onWritten.get(id)?.();
        this.#onWritten.delete(id);
      },
    });
    this.#connection = this.#connect(stream);
  }

  /** The first lines that were no message. */
  get strayLines(): string {
    return this.#strays.join("\n");
  }

  /** @throws RequestError, NotOfProtocol, CannotAsk, DeadlinePassed, or anything where the process ends */
  async open(request: OpenRequest): Promise<OpenedSession> {
    const { agent } = this.#connection;
    request.onPhase("initializing");
    const about = await this.#initialize(request.timeoutMs);
    if (request.loadSessionId !== null && about.canLoadSession && (await this.#load(request, request.loadSessionId))) {
      return { ...about, sessionId: this.#sessionId, loaded: true };
    }
    request.onPhase("opening_session");
    const session = await this.#ask("session/new", request.timeoutMs, () =>
      agent.request(methods.agent.session.new, this.#place()),
    );
    if (session.sessionId === "" || session.sessionId.length > 512)
      throw new NotOfProtocol("it gave no usable session id");
    await this.#chooseMode(session.sessionId, session.modes, request.timeoutMs);
    this.#sessionId = session.sessionId;
    return { ...about, sessionId: this.#sessionId, loaded: false };
  }

  async #initialize(timeoutMs: number): Promise<Pick<OpenedSession, "canLoadSession" | "name" | "version">> {
    const { clientMeta, usesClientFiles } = this.#options.adapter;
    const clientCapabilities: ClientCapabilities = {
      fs: { readTextFile: usesClientFiles, writeTextFile: usesClientFiles },
      terminal: false,
      ...(clientMeta === null ? {} : { _meta: { ...clientMeta } }),
    };
    const hello = await this.#ask("initialize", timeoutMs, () =>
      this.#connection.agent.request(methods.agent.initialize, {
        protocolVersion: PROTOCOL_VERSION,
        clientInfo: { name: "sam", title: "SAM", version: "0.1.0" },
        clientCapabilities,
      }),
    );
    if (hello.protocolVersion !== PROTOCOL_VERSION) {
      throw new NotOfProtocol(
        `it speaks version ${hello.protocolVersion} of the protocol, SAM speaks ${PROTOCOL_VERSION}`,
      );
    }
    return {
      canLoadSession: hello.agentCapabilities?.loadSession === true,
      name: clipHead(hello.agentInfo?.title ?? hello.agentInfo?.name ?? "", 128),
      version: clipHead(hello.agentInfo?.version ?? "", 128),
    };
  }

  async #chooseMode(sessionId: string, modes: Modes | null | undefined, timeoutMs: number): Promise<void> {
    const { askingMode } = this.#options.adapter;
    if (askingMode === null || modes?.currentModeId === askingMode) return;
    const offered = modes?.availableModes.map(({ id }) => id) ?? [];
    if (!offered.includes(askingMode)) {
      throw new CannotAsk(
        `it has no mode "${askingMode}", in which it asks first; it has ${offered.join(", ") || "none"}`,
      );
    }
    await this.#ask("session/set_mode", timeoutMs, () =>
      this.#connection.agent.request(methods.agent.session.setMode, { sessionId, modeId: askingMode }),
    );
  }

  /** @returns what the agent answered; null where it ended without an answer. */
  async prompt(text: string, resume: boolean): Promise<TurnAnswer | null> {
    this.#isReplaying = false;
    try {
      const response: unknown = await this.#connection.agent.request(methods.agent.session.prompt, {
        sessionId: this.#sessionId,
        prompt: [{ type: "text", text }],
        ...(resume ? { _meta: { "sam.dev/resume": true } } : {}),
      });
      return { kind: "response", response };
    } catch (error) {
      // Any other error is that of a connection which has ended.
      if (!(error instanceof RequestError)) return null;
      return { kind: "error", detail: `${error.message} (${error.code})` };
    }
  }

  async cancel(): Promise<void> {
    await this.#connection.agent.notify(methods.agent.session.cancel, { sessionId: this.#sessionId });
  }

  /** Resolves when the agent has closed its output, or the connection was closed. */
  get closed(): Promise<void> {
    return this.#connection.closed;
  }

  close(): void {
    this.#connection.close();
  }

  /**
   * The agent tells the whole history again, which the control plane has; nothing of it is passed on. Some of it may come
   * after the answer, so whatever comes before the next prompt belongs to it.
   */
  async #load(request: OpenRequest, sessionId: string): Promise<boolean> {
    request.onPhase("loading_session");
    this.#isReplaying = true;
    try {
      const session = await this.#ask("session/load", request.timeoutMs, () =>
        this.#connection.agent.request(methods.agent.session.load, { sessionId, ...this.#place() }),
      );
      await this.#chooseMode(sessionId, session.modes, request.timeoutMs);
      this.#sessionId = sessionId;
      return true;
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      this.#isReplaying = false;
      return false;
    }
  }

  #place(): NewSessionRequest {
    const { workspace, meta } = this.#options;
    return { cwd: workspace, mcpServers: [], ...(meta === null ? {} : { _meta: { ...meta } }) };
  }

  #connect(stream: ReturnType<typeof agentWire>): ClientConnection {
    return client({ name: "sam" })
      .onRequest(methods.client.session.requestPermission, async ({ params, signal, requestId }) => {
        const { optionId, onWritten } = await this.#listener.onPermission(params, signal);
        this.#onWritten.set(requestId, onWritten);
        return { outcome: optionId === null ? { outcome: "cancelled" } : { outcome: "selected", optionId } };
      })
      .onRequest(methods.client.fs.readTextFile, async ({ params }) => ({
        content: await readWorkspaceFile(this.#options.workspace, params),
      }))
      .onRequest(methods.client.fs.writeTextFile, async ({ params }) => {
        await writeWorkspaceFile(this.#options.workspace, params.path, params.content);
        return {};
      })
      .connect(stream);
  }

  async #ask<Answer>(what: string, timeoutMs: number, ask: () => Promise<Answer>): Promise<Answer> {
    return await withDeadline(what, timeoutMs, Promise.race([ask(), this.#garbled.promise]));
  }

  #noteStray(evidence: string): void {
    this.#strayCount += 1;
    if (this.#strays.length < 4) this.#strays.push(evidence);
    if (this.#strayCount > maxStrays) this.#giveUp();
    else if (this.#strayCount === 1) this.#expectAnswer();
  }

  #expectAnswer(): void {
    if (this.#sessionId !== "") return;
    const timer = setTimeout(() => {
      if (this.#sessionId === "") this.#giveUp();
    }, this.#options.strayMs);
    this.closed
      .finally(() => clearTimeout(timer))
      .catch((error: unknown) => this.#listener.onGarbled(messageOf(error)));
  }

  #giveUp(): void {
    const evidence = `not of the Agent Client Protocol:\n${this.strayLines}`;
    this.#garbled.reject(new NotOfProtocol(evidence));
    this.#listener.onGarbled(evidence);
  }
}
