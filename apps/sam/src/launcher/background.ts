/**
 * A system in the background: a child of its own session, tied to this process by a channel. It stops when the channel
 * breaks, however this process ends, unless it was told to stay.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import { type DataDirectory, openDataDirectory } from "../data-directory/data-directory.ts";
import { CommandError, exitCodes } from "../exit-code.ts";

const startTimeoutMs = 90_000;
const stopTimeoutMs = 60_000;

/** From the child to us. */
export const backgroundReportSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready"), url: z.string(), port: z.number(), pid: z.number() }),
  z.object({
    type: z.literal("failed"),
    message: z.string(),
    exitCode: z.union([z.literal(1), z.literal(2)]),
    held: z.boolean(),
  }),
]);
export type BackgroundReport = z.infer<typeof backgroundReportSchema>;

/** From us to the child: live on without us. */
export const stayMessage = { type: "stay" } as const;
export const stayMessageSchema = z.object({ type: z.literal("stay") });

/** Another process holds the data directory. */
export class BackgroundHeld extends CommandError {}

export class BackgroundSystem {
  readonly #child: ChildProcess;
  readonly report: Extract<BackgroundReport, { type: "ready" }>;

  #stopping = false;

  private constructor(child: ChildProcess, report: Extract<BackgroundReport, { type: "ready" }>) {
    this.#child = child;
    this.report = report;
  }

  /** Starts it and waits until it is ready. Throws a CommandError with the child's own reason. */
  static async start(directory: DataDirectory, port: number | null): Promise<BackgroundSystem> {
    const { logs, path } = openDataDirectory(directory);
    const output = openSync(join(logs, "background.log"), "w", 0o600);
    try {
      const entry = process.argv[1] ?? "";
      const args = [
        entry,
        "up",
        "--background",
        "--data-dir",
        path,
        ...(port === null ? [] : ["--port", String(port)]),
      ];
      const child = spawn(process.execPath, args, {
        cwd: path,
        detached: true,
        stdio: ["ignore", output, output, "ipc"],
      });
      return new BackgroundSystem(child, await readiness(child, join(logs, "background.log")));
    } finally {
      closeSync(output);
    }
  }

  /** Calls back if it ends by itself. */
  onEnd(callback: () => void): void {
    if (this.hasEnded()) return callback();
    this.#child.once("exit", () => {
      if (!this.#stopping) callback();
    });
  }

  /** Lets it live on after this process. */
  async stay(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#child.send(stayMessage, () => resolve());
    });
    this.#child.disconnect();
    this.#child.unref();
  }

  /** Stops it in order and waits until it is gone. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#stopping = true;
    if (this.hasEnded()) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    child.once("exit", () => resolve());
    const late = setTimeout(() => {
      const seconds = stopTimeoutMs / 1000;
      reject(
        new CommandError(`SAM (process ${child.pid ?? 0}) did not stop within ${seconds} s. Stop it with: sam down`),
      );
    }, stopTimeoutMs);
    child.disconnect();
    await promise.finally(() => clearTimeout(late));
  }

  hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}

function readiness(child: ChildProcess, logPath: string): Promise<Extract<BackgroundReport, { type: "ready" }>> {
  const { promise, resolve, reject } = Promise.withResolvers<Extract<BackgroundReport, { type: "ready" }>>();
  const late = setTimeout(() => {
    child.kill("SIGKILL");
    reject(
      new CommandError(
        `SAM was not ready after ${startTimeoutMs / 1000} s and was ended. What it said is in ${logPath}.`,
      ),
    );
  }, startTimeoutMs);
  child.once("error", reject);
  child.once("exit", (code, signal) => {
    const how = signal ?? `exit code ${code ?? 0}`;
    reject(new CommandError(`SAM ended while it started (${how}). What it said is in ${logPath}.`));
  });
  child.on("message", (message) => {
    const report = backgroundReportSchema.safeParse(message);
    if (!report.success) return;
    if (report.data.type === "ready") return resolve(report.data);
    const { message: reason, exitCode, held } = report.data;
    reject(held ? new BackgroundHeld(reason, exitCodes.usage) : new CommandError(reason, exitCode));
  });
  return promise.finally(() => {
    clearTimeout(late);
    child.removeAllListeners("exit");
  });
}
