/**
 * A git command of ours: no prompt, no pager, no hook, no file-system monitor, no automatic gc, a closed list of
 * transports, the C locale, and a deadline. What it says is evidence for a person; only its exit code and its porcelain
 * formats are read.
 */
import type { TaskId } from "@sam/domain/ids";

import { clipTail } from "../clipped-text.ts";
import { runCommand, type CommandOutcome, type CommandRequest } from "../process/run-command.ts";
import { markVariable, ownershipTags } from "../process/task-mark.ts";

export interface GitRequest {
  readonly args: readonly string[];
  readonly cwd: string;
  /** Its processes carry this task's variable, so that they are found after a power cut. */
  readonly taskId: TaskId;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** Transports that this command may use, as in GIT_ALLOW_PROTOCOL; none by default. */
  readonly transports?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  readonly onStderr?: CommandRequest["onStderr"];
  readonly onStdout?: CommandRequest["onStdout"];
  readonly onPipe?: CommandRequest["onPipe"];
}

/** A git command that was expected to succeed and did not. */
export class GitFailed extends Error {
  readonly outcome: CommandOutcome;

  constructor(what: string, outcome: CommandOutcome) {
    super(describeOutcome(what, outcome));
    this.outcome = outcome;
  }
}

/** Seconds with less than a byte of traffic, after which git gives a transfer up. */
const stallSeconds = "60";

const settings = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.untrackedCache=false",
  "gc.auto=0",
  "maintenance.auto=false",
  "commit.gpgSign=false",
  "push.gpgSign=false",
  "push.followTags=false",
  "push.recurseSubmodules=no",
  "fetch.recurseSubmodules=false",
  "submodule.recurse=false",
  "protocol.ext.allow=never",
  // A pack appears whole or not at all; loose objects of an interrupted fetch would not.
  "fetch.unpackLimit=1",
  "transfer.unpackLimit=1",
].flatMap((setting) => ["-c", setting]);

/** Runs git. A failure is an outcome. @throws the reason of `signal` where it is aborted. */
export function git(request: GitRequest): Promise<CommandOutcome> {
  return runCommand({
    command: ["git", ...settings, ...request.args],
    cwd: request.cwd,
    env: {
      ...inherited(),
      GIT_TERMINAL_PROMPT: "0",
      // Set and empty: neither a setting nor SSH_ASKPASS takes its place.
      GIT_ASKPASS: "",
      SSH_ASKPASS: "",
      GIT_OPTIONAL_LOCKS: "0",
      GIT_NO_REPLACE_OBJECTS: "1",
      GIT_ALLOW_PROTOCOL: (request.transports ?? ["none"]).join(":"),
      GIT_HTTP_LOW_SPEED_LIMIT: "1",
      GIT_HTTP_LOW_SPEED_TIME: stallSeconds,
      LC_ALL: "C",
      [markVariable]: request.taskId,
      ...request.env,
    },
    timeoutMs: request.timeoutMs,
    signal: request.signal,
    ...(request.input === undefined ? {} : { input: request.input }),
    ...(request.onStderr === undefined ? {} : { onStderr: request.onStderr }),
    ...(request.onStdout === undefined ? {} : { onStdout: request.onStdout }),
    ...(request.onPipe === undefined ? {} : { onPipe: request.onPipe }),
  });
}

/** The same for a command whose failure nobody expects. @returns its stdout. @throws GitFailed */
export async function gitText(request: GitRequest): Promise<string> {
  const outcome = await git(request);
  if (outcome.exitCode !== 0)
    throw new GitFailed(`git ${request.args.find((arg) => !arg.startsWith("-")) ?? ""}`, outcome);
  return outcome.stdout.toString("utf8");
}

/** Evidence: how it ended and its last words, without the secrets that a URL may carry. */
export function describeOutcome(what: string, outcome: CommandOutcome): string {
  const how = outcome.timedOut
    ? `was ended at its deadline after ${Math.round(outcome.durationMs / 1000)} s`
    : outcome.signal === null
      ? `exited with ${outcome.exitCode ?? "no code"}`
      : `was ended by ${outcome.signal}`;
  return redactUrls(clipTail(`${what} ${how}: ${outcome.stderrTail.trim()}`, 4_000));
}

/** Takes user and password out of every URL in a text. */
export function redactUrls(text: string): string {
  return text.replaceAll(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/gi, "$1");
}

/** Our own environment as far as git needs it: never a variable of ours, and no git variable that moves its files. */
function inherited(): Record<string, string> {
  const kept = /^(GIT_CONFIG_(GLOBAL|SYSTEM|NOSYSTEM)|GIT_SSL_.*|GIT_SSH_COMMAND|GIT_SSH_VARIANT|GIT_EXEC_PATH)$/;
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined ||
      (name.startsWith("SAM_") && !ownershipTags.includes(name)) ||
      (name.startsWith("GIT_") && !kept.test(name))
        ? []
        : [[name, value]],
    ),
  );
}
