/**
 * The environment of a task's processes, made from nothing: no token, no address of the control plane, no credential of
 * this node. The temporary folder is the task's own. The home and what the agent must remember are those of the first of
 * the tasks that continue each other, so that an agent finds its sessions and nothing of another chain.
 */
import { mkdirSync } from "node:fs";

import type { TaskId } from "@sam/domain/ids";

import type { DiskLayout } from "../boot/disk-layout.ts";
import { markVariable, ownershipTags } from "../process/task-mark.ts";

const inherited = ["PATH", "LANG", "LC_ALL", "TZ", "USER", "LOGNAME", ...ownershipTags];
/** Where the machine's toolchains are, such as RUSTUP_HOME; the XDG folders are those of a home. */
const toolchain = /^(?!XDG_|SAM_)[A-Z]+(_DATA)?_(DIR|HOME|ROOT)$/;

export interface MoreVariables {
  /** The owner's secrets: for an agent alone. */
  readonly granted: Readonly<Record<string, string>>;
  /** What the agents' table and the adapter add; goes before anything granted. */
  readonly own: Readonly<Record<string, string>>;
}

/** Makes the folders of an agent. @returns where they are. */
export function agentFolders(layout: DiskLayout, homeOf: TaskId): { home: string; stateFolder: string } {
  const home = layout.home(homeOf);
  const stateFolder = layout.agentState(homeOf);
  for (const folder of [home, stateFolder]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  return { home, stateFolder };
}

/** Makes the folders that it names. */
export function taskEnvironment(
  layout: DiskLayout,
  taskId: TaskId,
  homeOf: TaskId,
  more: MoreVariables = { granted: {}, own: {} },
): Record<string, string> {
  const { home, stateFolder } = agentFolders(layout, homeOf);
  const temporary = layout.temporary(taskId);
  mkdirSync(temporary, { recursive: true, mode: 0o700 });
  const kept = Object.entries(process.env).filter(([name]) => inherited.includes(name) || toolchain.test(name));
  return {
    LANG: "C.UTF-8",
    ...more.granted,
    ...Object.fromEntries(kept),
    HOME: home,
    TMPDIR: temporary,
    SAM_AGENT_STATE: stateFolder,
    ...more.own,
    [markVariable]: taskId,
  };
}
