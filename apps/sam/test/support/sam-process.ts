/** `sam` as a real process. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const entry = join(import.meta.dirname, "../../src/main.ts");

export interface SamResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class SamProcess {
  readonly child: ChildProcess;
  readonly #ended: Promise<unknown>;
  stdout = "";
  stderr = "";

  constructor(args: readonly string[], env: NodeJS.ProcessEnv) {
    this.child = spawn(process.execPath, [entry, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    this.#ended = once(this.child, "close");
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  async result(): Promise<SamResult> {
    await this.#ended;
    return { code: this.child.exitCode, stdout: this.stdout, stderr: this.stderr };
  }

  async kill(signal: NodeJS.Signals): Promise<SamResult> {
    this.child.kill(signal);
    return this.result();
  }
}

export function sam(args: readonly string[], env: NodeJS.ProcessEnv): Promise<SamResult> {
  return new SamProcess(args, env).result();
}
