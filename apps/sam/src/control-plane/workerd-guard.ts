/**
 * The guard of workerd: a small script that Miniflare starts in workerd's place, and that becomes workerd. It sees to
 * it that workerd dies with the launcher, even where the launcher is killed outright.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";

import { z } from "zod";

import type { DataDirectory } from "../data-directory/data-directory.ts";
import { readFileIfThere, replaceFile } from "../data-directory/files.ts";
import { isAlive } from "../data-directory/run-record.ts";
import { CommandError } from "../exit-code.ts";

/** Miniflare starts what this variable names; a machine host hands no variable of ours on to a node. */
const pathVariable = "MINIFLARE_WORKERD_PATH";
const leftoverDeadlineMs = 5_000;

const script = `#!/bin/sh
# Becomes workerd, and sees to it that workerd dies with the launcher. Written anew at each start of SAM.
if [ "$1" = "--guarded" ]; then
  shift
  # The launcher may have died before the guard stood.
  [ "$PPID" = "$SAM_LAUNCHER_PID" ] || exit 1
  echo "$$" >"$SAM_WORKERD_PID_FILE"
  exec "$SAM_WORKERD" "$@"
fi
# Written by the launcher while workerd keeps crashing.
[ ! -e "$SAM_WORKERD_PID_FILE.delay" ] || sleep "$(cat "$SAM_WORKERD_PID_FILE.delay")"
if setpriv --pdeathsig KILL true 2>/dev/null; then
  exec setpriv --pdeathsig KILL "$0" --guarded "$@"
fi
# No setpriv here: a watcher looks every second whether the launcher is still there.
echo "$$" >"$SAM_WORKERD_PID_FILE"
(
  while kill -0 "$SAM_LAUNCHER_PID" && kill -0 "$$"; do sleep 1; done
  kill -KILL "$$"
) </dev/null >/dev/null 2>&1 3>&- &
exec "$SAM_WORKERD" "$@"
`;

/**
 * Writes the script and tells Miniflare to start it in workerd's place.
 * @returns what the script must find in its environment.
 */
export function installWorkerdGuard(directory: DataDirectory): Record<string, string> {
  replaceFile(directory.workerdGuard, script, 0o700);
  setWorkerdDelay(directory, 0);
  process.env[pathVariable] = directory.workerdGuard;
  return {
    SAM_WORKERD: workerdBinary(),
    SAM_WORKERD_PID_FILE: directory.workerdPid,
    SAM_LAUNCHER_PID: String(process.pid),
  };
}

/** How long the guard waits before it becomes the next workerd. */
export function setWorkerdDelay(directory: DataDirectory, delayMs: number): void {
  const file = `${directory.workerdPid}.delay`;
  if (delayMs > 0) replaceFile(file, `${(delayMs / 1000).toFixed(1)}\n`);
  else rmSync(file, { force: true });
}

/** A workerd of an earlier launcher must be gone before ours opens the same databases; it is ended where it is not. */
export async function endLeftoverWorkerd(directory: DataDirectory): Promise<void> {
  const pid = Number(readFileIfThere(directory.workerdPid)?.trim());
  const deadlineAt = Date.now() + leftoverDeadlineMs;
  while (Number.isInteger(pid) && pid > 0 && isAlive(pid) && isOurWorkerd(pid, directory)) {
    if (Date.now() > deadlineAt) {
      throw new CommandError(
        `A workerd of an earlier run (process ${pid}) still uses ${directory.path} and does not end. Nothing was ` +
          `started. End it with: kill -9 ${pid}`,
      );
    }
    process.kill(pid, "SIGKILL");
    await sleep(20);
  }
  rmSync(directory.workerdPid, { force: true });
}

/** Ends the workerd of this launcher at once, as a crash does. Throws where it is not there to be ended. */
export function killWorkerd(directory: DataDirectory): void {
  const pid = Number(readFileIfThere(directory.workerdPid)?.trim());
  if (!Number.isInteger(pid) || pid <= 0 || !isOurWorkerd(pid, directory)) throw new Error("workerd does not run");
  process.kill(pid, "SIGKILL");
}

/** A number may have gone to another process since: only one that carries our variable is ours. */
function isOurWorkerd(pid: number, directory: DataDirectory): boolean {
  const mark = `SAM_WORKERD_PID_FILE=${directory.workerdPid}`;
  try {
    if (process.platform === "linux") return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(mark);
    return execFileSync("ps", ["eww", "-o", "command=", "-p", String(pid)], {
      encoding: "utf8",
      timeout: 2_000,
    }).includes(mark);
  } catch {
    return false;
  }
}

/** The binary that Miniflare itself would start. */
function workerdBinary(): string {
  const require = createRequire(import.meta.url);
  const fromMiniflare = createRequire(require.resolve("miniflare"));
  return z.object({ default: z.string() }).parse(fromMiniflare("workerd")).default;
}
