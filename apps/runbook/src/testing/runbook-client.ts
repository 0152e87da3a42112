/**
 * A runbook client is the other end of the protocol for tests: it starts the real command, bundled as it is shipped, as a
 * process of its own, speaks ACP with it through the SDK's client side, and keeps every update that it gets.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

import {
  client,
  methods,
  ndJsonStream,
  type ClientConnection,
  type NewSessionRequest,
  type PromptRequest,
  type PromptResponse,
  type RequestPermissionRequest,
  type RequestPermissionResponse,
  type SessionNotification,
  type SessionUpdate,
} from "@agentclientprotocol/sdk";
import { build } from "esbuild";
import { afterAll, expect, onTestFinished } from "vitest";

import { RESULT_META } from "../turn-result.ts";

const bundleFolder = mkdtempSync(join(tmpdir(), "sam-runbook-bundle-"));
afterAll(() => rmSync(bundleFolder, { recursive: true, force: true }));

/** Once per test file. */
const bundle = (async () => {
  const outfile = join(bundleFolder, "runbook.mjs");
  const options = { bundle: true, platform: "node", target: "node24", format: "esm", logLevel: "silent" } as const;
  await build({ ...options, entryPoints: [new URL("../main.ts", import.meta.url).pathname], outfile });
  return outfile;
})();
const DEADLINE_MS = 10_000;

export interface ClientOptions {
  /** Where the agent keeps its sessions; a fresh folder if not given. */
  readonly state?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** A shell line that ends in `exec "$@"`, to start the agent under limits. */
  readonly wrapper?: string;
  readonly onPermission?: (
    request: RequestPermissionRequest,
  ) => Promise<RequestPermissionResponse> | RequestPermissionResponse;
}

export interface ReceivedUpdate {
  readonly sessionId: string;
  readonly update: SessionUpdate;
  readonly atMs: number;
}

export class RunbookClient {
  readonly child: ChildProcess;
  readonly state: string;
  readonly updates: ReceivedUpdate[] = [];
  readonly exited: Promise<{ exitCode: number | null; signal: NodeJS.Signals | null; stderr: string }>;
  readonly #connection: ClientConnection;
  #isReading = true;

  private constructor(child: ChildProcess, state: string, options: ClientOptions) {
    this.child = child;
    this.state = state;
    let stderr = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    this.exited = new Promise((resolve) => {
      child.once("close", (exitCode, signal) => resolve({ exitCode, signal, stderr }));
    });
    if (child.stdin === null || child.stdout === null) {
      throw new Error("The agent has no stdio.");
    }
    this.#connection = client({ name: "test" })
      .onNotification(methods.client.session.update, ({ params }: { params: SessionNotification }) => {
        this.updates.push({ ...params, atMs: performance.now() });
      })
      .onRequest(methods.client.session.requestPermission, ({ params }) => {
        return options.onPermission?.(params) ?? { outcome: { outcome: "cancelled" } };
      })
      .connect(ndJsonStream(Writable.toWeb(child.stdin), this.#readable(child.stdout)));
  }

  /** Starts the agent and initializes it; it is ended with the test. */
  static async start(options: ClientOptions = {}): Promise<RunbookClient> {
    const state = options.state ?? temporaryFolder();
    const command = [process.execPath, await bundle];
    const [file = "", ...rest] = options.wrapper ? ["/bin/sh", "-c", options.wrapper, "sh", ...command] : command;
    const child = spawn(file, rest, {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, SAM_AGENT_STATE: state, ...options.environment },
    });
    const started = new RunbookClient(child, state, options);
    onTestFinished(() => started.end());
    await started.#connection.agent.request(methods.agent.initialize, { protocolVersion: 1 });
    return started;
  }

  async newSession(cwd: string, meta?: Record<string, unknown>): Promise<string> {
    const params: NewSessionRequest = { cwd, mcpServers: [], ...(meta ? { _meta: meta } : {}) };
    const response = await this.#connection.agent.request(methods.agent.session.new, params);
    return response.sessionId;
  }

  async load(sessionId: string, cwd: string): Promise<void> {
    await this.#connection.agent.request(methods.agent.session.load, { sessionId, cwd, mcpServers: [] });
  }

  prompt(sessionId: string, text: string, meta?: Record<string, unknown>): Promise<PromptResponse> {
    const prompt = [{ type: "text" as const, text }];
    const params: PromptRequest = { sessionId, prompt, ...(meta ? { _meta: meta } : {}) };
    return this.#connection.agent.request(methods.agent.session.prompt, params);
  }

  async request(method: string, params: unknown): Promise<unknown> {
    return this.#connection.agent.request<unknown>(method, params);
  }

  /** Takes nothing more from the agent, whose pipe then fills up. */
  stopReading(): void {
    this.#isReading = false;
  }

  async notify(method: string, params: unknown): Promise<void> {
    await this.#connection.agent.notify<unknown>(method, params);
  }

  async cancel(sessionId: string): Promise<void> {
    await this.#connection.agent.notify(methods.agent.session.cancel, { sessionId });
  }

  #readable(stdout: Readable): ReadableStream<Uint8Array> {
    const reader: ReadableStreamDefaultReader<Uint8Array> = Readable.toWeb(stdout).getReader();
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
      const { value, done } = this.#isReading ? await reader.read() : await new Promise<never>(() => undefined);
      if (done) {
        controller.close();
      } else {
        controller.enqueue(value);
      }
    };
    return new ReadableStream({ pull }, { highWaterMark: 0 });
  }

  /** The tool calls of a session as a client holds them: each update laid over what was there. */
  calls(sessionId: string): ToolCallView[] {
    const calls = new Map<string, ToolCallView>();
    for (const { update } of this.updates.filter((one) => one.sessionId === sessionId)) {
      if (update.sessionUpdate === "tool_call" || update.sessionUpdate === "tool_call_update") {
        const before = calls.get(update.toolCallId) ?? { id: update.toolCallId, statuses: [], title: "", output: "" };
        const text = update.content
          ?.map((one) => (one.type === "content" && one.content.type === "text" ? one.content.text : ""))
          .join("");
        calls.set(update.toolCallId, {
          id: update.toolCallId,
          title: update.title ?? before.title,
          statuses:
            update.status && update.status !== before.statuses.at(-1)
              ? [...before.statuses, update.status]
              : before.statuses,
          output: text ?? before.output,
          rawInput: update.rawInput ?? before.rawInput,
          rawOutput: update.rawOutput ?? before.rawOutput,
        });
      }
    }
    return [...calls.values()];
  }

  messages(sessionId: string): string[] {
    return this.updates.flatMap(({ sessionId: id, update }) =>
      id === sessionId && update.sessionUpdate === "agent_message_chunk" && update.content.type === "text"
        ? [update.content.text]
        : [],
    );
  }

  /** The states of the last plan's entries, in order. */
  plan(sessionId: string): string[] {
    const plans = this.updates.flatMap(({ sessionId: id, update }) =>
      id === sessionId && update.sessionUpdate === "plan" ? [update] : [],
    );
    return plans.at(-1)?.entries.map((entry) => entry.status) ?? [];
  }

  /** Waits until a block's output, as shown, contains `text`. */
  async untilOutput(sessionId: string, text: string): Promise<void> {
    await until(`output "${text}"`, () => this.calls(sessionId).some((call) => call.output.includes(text)));
  }

  /** Ends stdin, as a client that is done does. */
  async end(): Promise<void> {
    this.child.stdin?.end();
    await this.exited;
  }

  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.exited;
  }
}

export interface ToolCallView {
  readonly id: string;
  readonly title: string;
  readonly statuses: readonly string[];
  readonly output: string;
  readonly rawInput?: unknown;
  readonly rawOutput?: unknown;
}

export function resultOf(response: PromptResponse): unknown {
  return response._meta?.[RESULT_META];
}

/** A block of the prompt: ```sh … ``` */
export function sh(...lines: string[]): string {
  return ["```sh", ...lines, "```", ""].join("\n");
}

/** Removed with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "runbook-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Waits for a fact; fails with its name if it is not true by the deadline. */
export async function until(fact: string, holds: () => boolean, deadlineMs = DEADLINE_MS): Promise<void> {
  const startedMs = performance.now();
  while (!holds()) {
    expect(performance.now() - startedMs, `waited for ${fact}`).toBeLessThan(deadlineMs);
    await sleep(10);
  }
}

/** Pids of the processes that have `argument` in their command line, seen independently of the agent's own means. */
export function pidsWithArgument(argument: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && argumentsOf(name).includes(argument))
    .map(Number);
}

function argumentsOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}

let lastSeconds = 0;

/** A `sleep` that only this test starts: its argument names it in the process list. */
export function uniqueSeconds(): string {
  lastSeconds += 1;
  return `${600 + lastSeconds}.${String(process.pid).padStart(7, "0")}`;
}
