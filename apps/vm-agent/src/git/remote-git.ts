/** A git command that speaks to a remote: over the transports of its kind, or through a passage to the git relay. */
import type { CommandOutcome } from "../process/run-command.ts";
import { git, type GitRequest } from "./git-command.ts";
import type { RelayService } from "./relay-client.ts";
import { Passage } from "./relay-passage.ts";
import type { Remote } from "./remote.ts";

export type RemoteRequest = Omit<GitRequest, "transports" | "env" | "onPipe"> & {
  /** Which of git's services it speaks to. */
  readonly service: Exclude<RelayService, "probe">;
};

/** Runs git; its arguments name the remote by `remote.address`. A failure is an outcome. */
export async function remoteGit(remote: Remote, { service, ...request }: RemoteRequest): Promise<CommandOutcome> {
  const { transports, env } = remote;
  if (remote.kind !== "relay") return await git({ ...request, transports, env });
  const gitProtocol = service === "git-upload-pack" ? "version=2" : null;
  const passage = new Passage(remote.relay.socket, { service, path: remote.path, gitProtocol });
  const outcome = await git({ ...request, transports, env, onPipe: (pipe) => passage.open(pipe) });
  return { ...outcome, stderrTail: `${outcome.stderrTail}${passage.complaints}` };
}
