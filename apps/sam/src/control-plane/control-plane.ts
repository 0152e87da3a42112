/**
 * The control plane on this machine: the Worker in workerd, run through Miniflare's API. That choice is hidden here.
 * Where workerd crashes, Miniflare starts it again on the same port; where even that fails, this tries on, ever slower.
 */
import { setTimeout as sleep } from "node:timers/promises";

import type * as MiniflareLibrary from "miniflare";
import type { Log, Miniflare, MiniflareOptions } from "miniflare";

import { breakageBinding } from "../breakage/breakage-binding.ts";
import type { BreakageHost } from "../breakage/breakage-host.ts";
import type { DataDirectory } from "../data-directory/data-directory.ts";
import { errorCode } from "../data-directory/files.ts";
import { CommandError } from "../exit-code.ts";
import { isFree } from "../launcher/port.ts";
import type { SystemLog } from "../launcher/system-log.ts";
import type { ControlBundle } from "./control-bundle.ts";
import { Door, doorName } from "./door.ts";
import { machineHostBinding, type MachineHost } from "./machine-host-binding.ts";
import { miniflareOptions } from "./miniflare-options.ts";
import { pageFiles } from "./page-files.ts";
import { installWorkerdGuard, killWorkerd, setWorkerdDelay } from "./workerd-guard.ts";
import { restartDelayMs, watchWorkerd, type WorkerdWatch } from "./workerd-watch.ts";

const readyTimeoutMs = 60_000;
const retryPauseMs = 500;

export interface ControlPlaneOptions {
  readonly directory: DataDirectory;
  readonly log: SystemLog;
  readonly bundle: ControlBundle;
  readonly port: number;
  readonly variables: Readonly<Record<string, string>>;
  /** Where the page's files are. */
  readonly pageFolder: string;
  readonly machineHost: MachineHost;
  /** Requests to the machine host wait for this, each anew. */
  readonly machineHostReady: () => Promise<unknown>;
  readonly breakage: Pick<BreakageHost, "handle">;
}

/** The port was taken between the look and the start. */
export class PortTaken extends Error {
  override readonly name = "PortTaken";
}

export class ControlPlane {
  readonly door = new Door();
  readonly #options: ControlPlaneOptions;
  readonly #miniflare: Miniflare;
  readonly #build: (variables: Readonly<Record<string, string>>) => MiniflareOptions;
  readonly #watch: WorkerdWatch;
  readonly #crashTimes: number[] = [];
  #variables: Readonly<Record<string, string>>;
  #stopping = false;
  #replacing = false;
  #recovering = false;
  /** Those who wait until a workerd that ended is back. */
  readonly #awaiting: (() => void)[] = [];

  private constructor(
    options: ControlPlaneOptions,
    library: typeof MiniflareLibrary,
    runtimeEnv: Record<string, string>,
  ) {
    this.#options = options;
    this.#variables = options.variables;
    const instance = {
      port: options.port,
      resourcePersistencePath: options.directory.state,
      log: launcherLog(library, options.log),
      handleStructuredLogs: ({ level, message }: { level: string; message: string }) =>
        options.log.write(level === "error" ? "error" : level === "warn" ? "warn" : "info", "worker", message),
      unsafeRuntimeEnv: runtimeEnv,
    };
    const machineHost = machineHostBinding(options.machineHost, options.machineHostReady, library.Response);
    const page = pageFiles(options.pageFolder, library.Response);
    const breakage = breakageBinding(options.breakage, library.Response);
    this.#build = (variables) =>
      miniflareOptions({
        source: options.bundle.source,
        variables,
        machineHost,
        page,
        breakage,
        doorSecret: this.door.secret,
        instance,
      });
    this.#watch = watchWorkerd(options.directory.workerdGuard, (how) => this.#onWorkerdEnd(how));
    this.#miniflare = withoutItsHabits(options.directory, () => new library.Miniflare(this.#build(this.#variables)));
  }

  /** Starts workerd and waits until the Worker answers. Throws PortTaken, or a CommandError. */
  static async start(options: ControlPlaneOptions): Promise<ControlPlane> {
    const runtimeEnv = installWorkerdGuard(options.directory);
    const plane = new ControlPlane(options, await import("miniflare"), runtimeEnv);
    try {
      await deadline(plane.#miniflare.ready, readyTimeoutMs);
      await plane.#findDoor();
    } catch (error) {
      await plane.stop().catch(() => undefined);
      // Miniflare knows a port that is taken by the time of workerd's bind, and none that is taken between that and its listen.
      const isTaken = errorCode(error) === "ERR_ADDRESS_IN_USE" || !(await isFree(options.port));
      if (isTaken) throw new PortTaken(`port ${options.port}`, { cause: error });
      options.log.write("error", "launcher", `the control plane did not start: ${describe(error)}`);
      throw new CommandError(
        `The control plane did not start: ${firstLine(error)}. The rest is in ${options.log.path}.`,
        undefined,
        {
          cause: error,
        },
      );
    }
    return plane;
  }

  /** Starts workerd anew with other variables; sockets break and are dialled again. */
  async restart(variables: Readonly<Record<string, string>>): Promise<void> {
    this.#variables = variables;
    this.#replacing = true;
    try {
      await this.#miniflare.setOptions(this.#build(variables));
      await this.#findDoor();
    } finally {
      this.#replacing = false;
    }
  }

  /** Kills workerd as a crash does. Resolves when it is back by itself. */
  async crash(): Promise<void> {
    const back = Promise.withResolvers<void>();
    this.#awaiting.push(() => back.resolve());
    killWorkerd(this.#options.directory);
    await deadline(back.promise, readyTimeoutMs);
  }

  /** Ends workerd; its databases are durable at any moment. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#watch.stop();
    await this.#miniflare.dispose();
  }

  async #findDoor(): Promise<void> {
    this.door.setUrl(await this.#miniflare.unsafeGetDirectURL(doorName));
  }

  #onWorkerdEnd(how: string): void {
    if (this.#stopping || this.#replacing) return;
    const nowMs = Date.now();
    this.#crashTimes.push(nowMs);
    const delayMs = restartDelayMs(this.#crashTimes, nowMs);
    // Miniflare starts the next one at once; the guard reads this and waits.
    setWorkerdDelay(this.#options.directory, delayMs);
    this.#log("warn", `workerd ended (${how}); it is started again after ${delayMs} ms`);
    if (!this.#recovering) void this.#recover(nowMs);
  }

  async #recover(sinceMs: number): Promise<void> {
    this.#recovering = true;
    // Miniflare's own restart begins in this turn of the loop.
    await sleep(0);
    while (!this.#stopping) {
      const crashes = this.#crashTimes.length;
      try {
        await this.#miniflare.ready;
        await this.#findDoor();
        if (crashes !== this.#crashTimes.length) continue;
        setWorkerdDelay(this.#options.directory, 0);
        this.#recovering = false;
        this.#log("info", `workerd is back after ${Date.now() - sinceMs} ms`);
        for (const tell of this.#awaiting.splice(0)) tell();
        return;
      } catch (error) {
        if (this.#stopping) return;
        this.#log("error", `workerd did not start again: ${describe(error)}; it is tried again`);
        await sleep(retryPauseMs);
        await this.#miniflare.setOptions(this.#build(this.#variables)).catch(() => undefined);
      }
    }
  }

  #log(level: "info" | "warn" | "error", message: string): void {
    this.#options.log.write(level, "launcher", message);
  }
}

/** Miniflare would end this process at a signal, and keep its temporary files where a power cut leaves them behind. */
function withoutItsHabits(directory: DataDirectory, construct: () => Miniflare): Miniflare {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const before = signals.map((signal) => new Set(process.listeners(signal)));
  const temporary = process.env["TMPDIR"];
  process.env["TMPDIR"] = directory.temporary;
  try {
    return construct();
  } finally {
    if (temporary === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = temporary;
    for (const [index, signal] of signals.entries()) {
      for (const listener of process.listeners(signal)) {
        if (before[index]?.has(listener) !== true) process.removeListener(signal, listener);
      }
    }
  }
}

function launcherLog(library: typeof MiniflareLibrary, log: SystemLog): Log {
  class LauncherLog extends library.Log {
    protected override log(message: string): void {
      log.write("info", "miniflare", message);
    }
  }
  return new LauncherLog(library.LogLevel.WARN);
}

function deadline<Value>(promise: Promise<Value>, timeoutMs: number): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it was not ready after ${timeoutMs / 1000} s`)), timeoutMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0]?.replace(/\.$/, "") ?? "";
}
