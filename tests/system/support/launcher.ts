/** The real launcher: `sam up` from the built bundle, as the leader of a process group of its own. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { z } from "zod";

const samBundle = fileURLToPath(new URL("../../../apps/sam/dist/sam.mjs", import.meta.url));
const readyTimeoutMs = 60_000;
const commandTimeoutMs = 60_000;

export interface LauncherOptions {
  readonly dataDirectory: string;
  readonly port: number | null;
  readonly environment: Readonly<Record<string, string>>;
}

export interface Ended {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

export interface Launcher {
  readonly pid: number;
  readonly url: string;
  readonly ended: Promise<Ended>;
  hasEnded(): boolean;
  signal(name: NodeJS.Signals): void;
  /** All that it has printed so far. */
  output(): string;
}

const readySchema = z.object({ type: z.literal("ready"), url: z.url() });

/** Starts `sam up` and resolves when it says that it is ready. Throws with what it printed where it ends instead. */
export async function launch(options: LauncherOptions): Promise<Launcher> {
  const { dataDirectory, port } = options;
  const args = ["up", "--json", "--data-dir", dataDirectory, ...(port === null ? [] : ["--port", String(port)])];
  const { child, ended, output } = startSam(args, options);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  child.stdout.on("data", () => {
    const url = readyUrl(output());
    if (url !== null) resolve(url);
  });
  void ended.then((how) => reject(new Error(`sam up ended before it was ready: ${JSON.stringify(how)}`)), reject);
  const late = setTimeout(() => {
    child.kill("SIGKILL");
    reject(new Error(`sam up was not ready after ${readyTimeoutMs} ms: ${output()}`));
  }, readyTimeoutMs);
  const url = await promise.finally(() => clearTimeout(late));
  return {
    pid: child.pid ?? 0,
    url,
    ended,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    signal: (name) => void child.kill(name),
    output,
  };
}

/** Runs a `sam` command to its end. */
export async function runSam(args: readonly string[], options: Omit<LauncherOptions, "port">): Promise<Ended> {
  const { child, ended } = startSam([...args, "--data-dir", options.dataDirectory], options);
  const late = setTimeout(() => child.kill("SIGKILL"), commandTimeoutMs);
  return ended.finally(() => clearTimeout(late));
}

function startSam(args: readonly string[], { environment }: Pick<LauncherOptions, "environment">) {
  if (!existsSync(samBundle)) throw new Error(`${samBundle} is missing: run npm run build`);
  const child = spawn(process.execPath, [samBundle, ...args], {
    cwd: "/",
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], LANG: "C.UTF-8", TZ: "UTC", ...environment },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  const keep = (chunk: string): void => {
    text += chunk;
  };
  child.stdout.setEncoding("utf8").on("data", keep);
  child.stderr.setEncoding("utf8").on("data", keep);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (exitCode, signal) => resolve({ exitCode, signal, output: text }));
  });
  return { child, ended, output: () => text };
}

function readyUrl(output: string): string | null {
  for (const line of output.split("\n")) {
    if (!line.startsWith("{")) continue;
    try {
      const ready = readySchema.safeParse(JSON.parse(line));
      if (ready.success) return ready.data.url;
    } catch {
      // The rest of the line has not arrived yet.
    }
  }
  return null;
}
