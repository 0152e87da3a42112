/** Who commits: the name and address that this node's own git configuration says, else SAM's. */
import type { TaskId } from "@sam/domain/ids";

import { git } from "./git-command.ts";

export interface GitIdentity {
  readonly name: string;
  readonly email: string;
}

const samIdentity: GitIdentity = { name: "SAM", email: "sam@localhost" };
let known: Promise<GitIdentity> | null = null;

/** Asked once per process: the environment of a process does not change. */
export function gitIdentity(taskId: TaskId): Promise<GitIdentity> {
  known ??= readIdentity(taskId).catch(() => samIdentity);
  return known;
}

async function readIdentity(taskId: TaskId): Promise<GitIdentity> {
  const args = ["config", "--null", "--get-regexp", "^user\\.(name|email)$"];
  const signal = AbortSignal.timeout(10_000);
  const { stdout } = await git({ args, cwd: "/", taskId, signal, timeoutMs: 10_000 });
  const settings = new Map(
    stdout
      .toString("utf8")
      .split("\0")
      .map((entry): [string, string] => {
        const [name = "", ...value] = entry.split("\n");
        return [name, value.join("\n")];
      }),
  );
  const name = settings.get("user.name");
  const email = settings.get("user.email");
  return name && email ? { name, email } : samIdentity;
}
