/** `sam up`: runs the whole system on this machine, until it is told to stop. */
import type { CommandContext } from "../command-context.ts";
import { CommandError, type ExitCode, exitCodes } from "../exit-code.ts";
import { BackgroundSystem, type BackgroundReport, stayMessageSchema } from "../launcher/background.ts";
import { DirectoryHeld } from "../launcher/hold.ts";
import { type RunningSystem, startSystem } from "../launcher/system.ts";
import { makeSignInLink } from "../session/sign-in-link.ts";
import { printJson } from "../terminal/json-output.ts";
import { duration } from "../terminal/times.ts";
import { stopSignals } from "./stop-signals.ts";

export interface UpOptions {
  readonly port?: number;
  readonly detach?: boolean;
  /** This process is the child of `sam up --detach` or `sam run`. */
  readonly background?: boolean;
}

export async function upCommand(context: CommandContext, options: UpOptions): Promise<ExitCode> {
  const port = options.port ?? null;
  if (options.background === true) return runInBackground(context, port);
  if (options.detach === true) return detach(context, port);
  const signals = stopSignals(forceStop);
  const system = await startSystem({ directory: context.directory, port });
  sayReady(context, system);
  await signals.asked;
  await stopInOrder(context, system);
  return exitCodes.completed;
}

export async function stopInOrder(context: CommandContext, system: RunningSystem): Promise<void> {
  const startedAt = Date.now();
  if (!context.json) context.terminal.line("Stopping; tasks are kept and go on at the next start.");
  await system.stop();
  if (context.json) printJson({ type: "stopped", tookMs: Date.now() - startedAt });
  else context.terminal.line(`Stopped after ${duration(Date.now() - startedAt)}; nothing is left running.`);
}

/** A power cut on purpose: what this process started ends with it, and the next start makes everything good. */
export function forceStop(): void {
  process.stderr.write("\nsam: stopped at once, as by a power cut; the next start goes on from what is on disk.\n");
  process.exit(exitCodes.cancelled);
}

export function sayReady({ json, terminal }: CommandContext, system: RunningSystem): void {
  const { record, insteadOfPort, startMs, logPath, signInUrl } = system;
  if (json) return printJson({ type: "ready", ...record, startMs, signInUrl });
  const instead = insteadOfPort === null ? "" : ` (another program has port ${insteadOfPort})`;
  terminal.line(`SAM is ready on ${record.url}${instead} after ${duration(startMs)}. Ctrl-C stops it.`);
  terminal.line(signInText(signInUrl));
  terminal.line(`Its log is ${logPath}.`);
}

/** Whoever has the link is let in, once: it is printed for the person at this terminal, and stands in no log. */
export function signInText(signInUrl: string): string {
  return `Open it in your browser, signed in (once, within 15 minutes): ${signInUrl}`;
}

async function detach(context: CommandContext, port: number | null): Promise<ExitCode> {
  const system = await BackgroundSystem.start(context.directory, port);
  await system.stay();
  const { url, pid } = system.report;
  const { url: signInUrl } = await makeSignInLink(context.api);
  if (context.json) printJson({ ...system.report, signInUrl });
  else {
    context.terminal.line(`SAM is ready on ${url}, in the background (process ${pid}). Stop it with: sam down`);
    context.terminal.line(signInText(signInUrl));
  }
  return exitCodes.completed;
}

async function runInBackground(context: CommandContext, port: number | null): Promise<ExitCode> {
  const { promise: orphaned, resolve: orphan } = Promise.withResolvers<void>();
  let stays = false;
  process.on("message", (message) => {
    if (stayMessageSchema.safeParse(message).success) stays = true;
  });
  process.on("disconnect", () => {
    if (!stays) orphan();
  });
  const signals = stopSignals(forceStop);
  try {
    const system = await startSystem({ directory: context.directory, port });
    const { url, port: chosen, pid } = system.record;
    report({ type: "ready", url, port: chosen, pid });
    await Promise.race([signals.asked, orphaned]);
    await system.stop();
    return exitCodes.completed;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const exitCode =
      error instanceof CommandError && error.exitCode === exitCodes.usage ? exitCodes.usage : exitCodes.failed;
    report({ type: "failed", message, exitCode, held: error instanceof DirectoryHeld });
    throw error;
  }
}

function report(what: BackgroundReport): void {
  if (process.connected) process.send?.(what);
}
