/** A git command that speaks to a remote: over the transports of its kind, or through a passage to the git relay. */
import type { CommandOutcome } from "../process/run-command.ts";
import { git, type GitRequest } from "./git-command.ts";
import { openPassage } from "./relay-passage.ts";
import type { Remote } from "./remote.ts";

/** Runs git; its arguments name the remote by `remote.address`. A failure is an outcome. */
export async function remoteGit(
  remote: Remote,
  request: Omit<GitRequest, "transports" | "env">,
): Promise<CommandOutcome> {
  if (remote.kind !== "relay") return await git({ ...request, transports: remote.transports, env: remote.env });
  using passage = await openPassage(remote.relay.socket, remote.path);
  const outcome = await git({ ...request, transports: remote.transports, env: passage.env });
  return { ...outcome, stderrTail: `${outcome.stderrTail}${passage.complaints()}` };
}
