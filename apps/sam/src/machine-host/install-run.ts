/**
 * An install run is one installer's process and those who wait for it. It runs outside of every sandbox, with the
 * environment of whoever started SAM, since the npm of that person knows the registry and the way there. It ends early when
 * nobody waits for it any more.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

import { type FailedLine, type InstalledLine, type InstallLine, installLineSchema } from "@sam/protocol/agent-install";

import { removeProcesses } from "./process-removal.ts";
import type { ProcessTag } from "./process-table.ts";

export interface InstallRunOptions {
  /** The installer's command line. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: (line: string) => void;
}

export type InstallEnd = InstalledLine | FailedLine;

/** By this an installer's processes are found where it could not end them itself. */
const runVariable = "SAM_INSTALL_RUN" satisfies ProcessTag["variable"];
/** What an installer is given to end npm and to tidy up. */
const graceMs = 5_000;
const removalMs = 5_000;
const complaintLength = 1_000;

export class InstallRun {
  /** Never rejects. */
  readonly ended: Promise<InstallEnd>;
  readonly #id = randomBytes(8).toString("hex");
  readonly #installer: ChildProcessByStdio<null, Readable, Readable>;
  readonly #listeners = new Set<(bytes: number) => void>();
  readonly #log: (line: string) => void;
  #end: InstallEnd | null = null;
  #complaint = "";
  #isEnding = false;

  constructor({ command, env, log }: InstallRunOptions) {
    this.#log = log;
    const [program = "", ...args] = command;
    this.#installer = spawn(program, args, {
      cwd: "/",
      env: { ...env, [runVariable]: this.#id },
      // A session of its own: Ctrl-C in the terminal is the launcher's to handle.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#installer.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-complaintLength);
    });
    const lines = createInterface({ input: this.#installer.stdout });
    lines.on("line", (line) => this.#take(line));
    // Its end says what became of it.
    lines.on("error", () => undefined);
    this.ended = this.#watch();
  }

  /** Whether it was asked to end: whoever comes now needs another one. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  /** Waits for the end with the others. @param signal aborted when this one no longer waits. */
  async wait(onProgress: (bytes: number) => void, signal: AbortSignal): Promise<InstallEnd> {
    const leave = () => {
      this.#listeners.delete(onProgress);
      if (this.#listeners.size === 0) this.end();
    };
    this.#listeners.add(onProgress);
    signal.addEventListener("abort", leave, { once: true });
    try {
      return await this.ended;
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }

  end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#installer.kill("SIGTERM");
    const timer = setTimeout(() => this.#installer.kill("SIGKILL"), graceMs);
    void this.ended.then(() => clearTimeout(timer));
  }

  #take(line: string): void {
    const read = readLine(line);
    if (read === null) this.#log(`the installer of agents wrote what is none of its lines: ${line.slice(0, 200)}`);
    else if (read.type !== "progress") this.#end = read;
    else for (const listener of this.#listeners) listener(read.bytes);
  }

  async #watch(): Promise<InstallEnd> {
    const { promise, resolve } = Promise.withResolvers<string>();
    this.#installer.once("error", (error) => resolve(`could not be started: ${error.message}`));
    this.#installer.once("close", (code, signal) => resolve(signal ?? `exit code ${code ?? "unknown"}`));
    const how = await promise;
    if (this.#end !== null) return this.#end;
    // It had no time to end its npm.
    await removeProcesses({ tag: { variable: runVariable, value: this.#id, match: "exact" }, deadlineMs: removalMs });
    const said = this.#complaint.trim();
    const message = `The installer ended in the middle (${how}${said === "" ? "" : `: ${said}`}). Nothing of it was kept; the next attempt begins anew.`;
    return { type: "failed", code: "interrupted", message, retryable: true };
  }
}

function readLine(line: string): InstallLine | null {
  try {
    return installLineSchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
