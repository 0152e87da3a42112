/**
 * A small checkout in a temporary folder: this repository's scripts and lockfile, and sources that the test writes. Its
 * packages are this checkout's, unless the test wants them missing.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "");
const PROCESS_TIMEOUT_MS = 60_000;

export interface Ended {
  /** null: ended by a signal */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves as soon as standard output contains the text; rejects when the process ends without it. */
  untilPrinted: (text: string) => Promise<void>;
}

export interface ScratchCheckout {
  readonly directory: string;
  write: (path: string, content: string) => void;
  /** Runs `node ARGS` in the folder, as the leader of a process group of its own. */
  start: (args: readonly string[], env?: NodeJS.ProcessEnv) => Running;
  run: (args: readonly string[], env?: NodeJS.ProcessEnv) => Promise<Ended>;
  remove: () => void;
}

export function createScratchCheckout(options: { readonly installed: boolean }): ScratchCheckout {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "sam-scratch-")));
  for (const path of ["scripts", "package.json", "package-lock.json", "tsconfig.base.json"]) {
    cpSync(join(repository, path), join(directory, path), { recursive: true });
  }
  if (options.installed) symlinkSync(join(repository, "node_modules"), join(directory, "node_modules"));
  const start = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Running => startNode(directory, args, env);
  return {
    directory,
    write: (path, content) => {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), content);
    },
    start,
    run: (args, env) => start(args, env).ended,
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function startNode(directory: string, args: readonly string[], env: NodeJS.ProcessEnv): Running {
  const child = spawn(process.execPath, args, {
    cwd: directory,
    env: { PATH: process.env["PATH"], HOME: directory, ...env },
    detached: true,
    timeout: PROCESS_TIMEOUT_MS,
    killSignal: "SIGKILL",
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode, signal) => resolve({ exitCode, signal, stdout, stderr }));
  });
  const untilPrinted = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (stdout.includes(text)) resolve();
      };
      child.stdout.on("data", look);
      child.once("close", () => reject(new Error(`Ended without "${text}": ${stdout}${stderr}`)));
      look();
    });
  return { process: child, ended, untilPrinted };
}
