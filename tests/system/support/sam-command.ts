/** A `sam` command as a person gives it: with its two outputs apart, with an input, or in a terminal of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { parseJsonLines } from "./json-lines.ts";
import { until } from "./until.ts";

const samBundle = fileURLToPath(new URL("../../../apps/sam/dist/sam.mjs", import.meta.url));
const endTimeoutMs = 90_000;

export interface CommandOptions {
  readonly dataDirectory: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Where the person stands; default: the root directory. */
  readonly directory?: string;
  /** All that is on the standard input; default: nothing. */
  readonly input?: string;
  /** A command in front of it, such as `setpriv …`. */
  readonly through?: readonly string[];
}

export interface CommandEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Part of a test's context. */
export interface Finisher {
  onTestFinished(fn: () => Promise<void>): void;
}

export class RunningCommand {
  stdout = "";
  stderr = "";
  readonly ended: Promise<CommandEnd>;
  readonly #child: ChildProcess;

  /** Starts any program in a session of its own, which is killed as a whole when the test ends. */
  constructor(test: Finisher, command: readonly string[], options: Omit<CommandOptions, "dataDirectory">) {
    const [program = "", ...args] = [...(options.through ?? []), ...command];
    this.#child = spawn(program, args, {
      cwd: options.directory ?? "/",
      env: environmentOf(options.environment),
      detached: true,
      stdio: "pipe",
    });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    this.#child.stdin?.on("error", () => undefined);
    if (options.input !== undefined) this.#child.stdin?.end(options.input);
    this.ended = once(this.#child, "close").then(() => ({
      exitCode: this.#child.exitCode,
      signal: this.#child.signalCode,
      stdout: this.stdout,
      stderr: this.stderr,
    }));
    test.onTestFinished(() => this.#killAll());
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Ctrl-C: the signal goes to the whole process group, as a terminal sends it. */
  interrupt(): void {
    process.kill(-this.pid, "SIGINT");
  }

  /** Types on the keyboard of its terminal. */
  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** The objects that it printed so far, one a line. */
  printed(): readonly Record<string, unknown>[] {
    return parseJsonLines(this.stdout);
  }

  /** Waits until the text is printed so many times. */
  async untilPrinted(text: string, times = 1): Promise<void> {
    const report = () => `${this.stdout}\n${this.stderr}`;
    const isPrinted = () => `${this.stdout}${this.stderr}`.split(text).length > times;
    await until(`it prints ${text}`, isPrinted, { report });
  }

  /** Its end, or an error with what it printed where it doesn't end. */
  async end(): Promise<CommandEnd> {
    const report = () => `${this.stdout}\n${this.stderr}`;
    const hasEnded = () => this.#child.exitCode !== null || this.#child.signalCode !== null;
    await until("the command ends", hasEnded, { timeoutMs: endTimeoutMs, report });
    return this.ended;
  }

  async #killAll(): Promise<void> {
    if (this.pid === 0) return;
    try {
      process.kill(-this.pid, "SIGKILL");
    } catch {
      // All of its group is gone.
    }
    await this.ended;
  }
}

export function startSam(test: Finisher, args: readonly string[], options: CommandOptions): RunningCommand {
  return new RunningCommand(test, samWords(args, options), options);
}

/** Runs it to its end. */
export function sam(test: Finisher, args: readonly string[], options: CommandOptions): Promise<CommandEnd> {
  return startSam(test, args, { input: "", ...options }).end();
}

/** Starts it in a terminal of 100 by 40 cells; both outputs come as `stdout`, with the terminal's line ends. */
export function samInTerminal(test: Finisher, args: readonly string[], options: CommandOptions): RunningCommand {
  const words = samWords(args, options).map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  const line = `stty cols 100 rows 40; exec ${words.join(" ")}`;
  return new RunningCommand(test, ["script", "--quiet", "--return", "--flush", "--command", line, "/dev/null"], {
    ...options,
    environment: { TERM: "xterm", ...options.environment },
  });
}

function samWords(args: readonly string[], { dataDirectory }: CommandOptions): readonly string[] {
  return [process.execPath, samBundle, ...args, "--data-dir", dataDirectory];
}

function environmentOf(more: CommandOptions["environment"] = {}): Record<string, string | undefined> {
  return { PATH: process.env["PATH"], HOME: process.env["HOME"], LANG: "C.UTF-8", TZ: "UTC", ...more };
}
