/**
 * The VM agent's process. Exit codes: 0 stopped on request or replaced by a newer boot; 64 bad settings; 73 another VM
 * agent works on this disk; 70 anything unforeseen.
 */
import { BadSettings, readSettings, type Settings } from "./boot/settings.ts";
import { messageOf } from "./clipped-text.ts";
import { Daemon } from "./daemon.ts";
import { logFact } from "./log.ts";
import { DiskTaken } from "./store/state-database.ts";

const exitCodes = { ok: 0, badSettings: 64, unforeseen: 70, diskTaken: 73 } as const;
/** Stopping takes no longer than this; what is not done then is found at the next boot. */
const stopLimitMs = 4_500;

/** Libraries speak to the console; the log has one form. */
console.error = (...words: unknown[]) => logFact("library_said", { text: words.map(String).join(" ").slice(0, 500) });
console.warn = console.error;

function settingsOrExit(): Settings {
  try {
    return readSettings(process.env);
  } catch (error) {
    if (!(error instanceof BadSettings)) throw error;
    logFact("bad_settings", { what: error.message });
    process.exit(exitCodes.badSettings);
  }
}

function daemonOrExit(settings: Settings, stop: (why: string) => void): Daemon {
  try {
    return new Daemon(settings, () => stop("replaced"));
  } catch (error) {
    if (!(error instanceof DiskTaken)) throw error;
    logFact("disk_taken", { what: error.message });
    process.exit(exitCodes.diskTaken);
  }
}

let isStopping = false;
const stop = (why: string, exitCode: number = exitCodes.ok) => {
  if (isStopping) return;
  isStopping = true;
  logFact("stopping", { why });
  setTimeout(() => process.exit(exitCode), stopLimitMs);
  daemon
    .stop()
    .catch((error: unknown) => logFact("stop_failed", { error: messageOf(error) }))
    .finally(() => process.exit(exitCode));
};

process.on("unhandledRejection", (error) => logFact("unhandled_rejection", { error: stackOf(error) }));
process.on("uncaughtException", (error) => {
  logFact("uncaught_exception", { error: stackOf(error) });
  stop("unforeseen", exitCodes.unforeseen);
});
const daemon = daemonOrExit(settingsOrExit(), stop);
process.on("SIGTERM", () => stop("SIGTERM"));
process.on("SIGINT", () => stop("SIGINT"));
daemon.start().catch((error: unknown) => {
  logFact("start_failed", { error: stackOf(error) });
  stop("unforeseen", exitCodes.unforeseen);
});

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
