/** SAM as a user has it: the built command on a data directory of its own, driven from outside. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export const checkout = resolve(import.meta.dirname, "../../..");
const samBundle = join(checkout, "apps/sam/dist/sam.mjs");
const callTimeoutMs = 180_000;

/** How a command of `sam` is called without what npm adds: the launcher that the scripts become, straight. */
export function samCommand(...args: string[]): [string, string[]] {
  return [process.execPath, [samBundle, ...args]];
}

export class BenchSystem {
  readonly dataDirectory: string;
  #child: ChildProcess | null = null;

  constructor() {
    this.dataDirectory = mkdtempSync(join(tmpdir(), "sam-bench-"));
  }

  get environment(): NodeJS.ProcessEnv {
    return { ...process.env, SAM_DATA_DIR: this.dataDirectory, SAM_AGENT_CACHE: this.agentCache, NO_COLOR: "1" };
  }

  /** @returns milliseconds from the spawn to the line that says it is ready. */
  async start(command: readonly [string, string[]] = samCommand("up")): Promise<number> {
    const begun = performance.now();
    const [program, args] = command;
    const child = spawn(program, args, {
      cwd: checkout,
      env: this.environment,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.#child = child;
    await saidBy(child, "is ready on");
    return performance.now() - begun;
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    this.#child = null;
    const ended = new Promise((done) => child.once("exit", done));
    // As Ctrl-C does: npm alone would keep the signal to itself.
    if (child.pid !== undefined) process.kill(-child.pid, "SIGINT");
    await ended;
  }

  /** Runs a command of `sam` to its end. @returns how long it took, in milliseconds. */
  run(...args: string[]): number {
    const begun = performance.now();
    const [program, own] = samCommand(...args);
    const ended = spawnSync(program, own, {
      cwd: checkout,
      env: this.environment,
      encoding: "utf8",
      timeout: callTimeoutMs,
    });
    if (ended.status !== 0)
      throw new Error(`sam ${args.join(" ")} exited with ${ended.status}:\n${ended.stdout}${ended.stderr}`);
    return performance.now() - begun;
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error("not running");
    return pid;
  }

  get url(): string {
    const record: unknown = JSON.parse(readFileSync(join(this.dataDirectory, "run.json"), "utf8"));
    if (typeof record !== "object" || record === null || !("port" in record)) throw new Error("run.json names no port");
    return `http://127.0.0.1:${String(record.port)}`;
  }

  get token(): string {
    return readFileSync(join(this.dataDirectory, "token"), "utf8").trim();
  }

  /** Where agents are installed: kept over runs of the benchmark, since they are large. */
  get agentCache(): string {
    return join(checkout, "node_modules/.cache/sam-agents");
  }

  async call(path: string, body?: unknown, method = body === undefined ? "GET" : "POST"): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(callTimeoutMs),
    });
  }

  remove(): void {
    rmSync(this.dataDirectory, { recursive: true, force: true });
  }
}

/** Resolves when the process has said this on its standard output; rejects when it ends before. */
export async function saidBy(child: ChildProcess, words: string): Promise<void> {
  let said = "";
  await new Promise<void>((done, fail) => {
    child.stderr?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    child.stdout?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes(words)) done();
    });
    child.once("exit", (code) => {
      fail(new Error(`it ended with ${code} before it said "${words}":\n${said}`));
    });
  });
}
