/**
 * The environment of a task's processes, made from nothing: no token, no address of the control plane, no credential of
 * this node. Home and temporary folder are the task's own, so that nothing of one task appears in another.
 */
import { mkdirSync } from "node:fs";

import type { TaskId } from "@sam/domain/ids";

import type { DiskLayout } from "../boot/disk-layout.ts";
import { markVariable, ownershipTags } from "../process/task-mark.ts";

const inherited = ["PATH", "LANG", "LC_ALL", "TZ", "USER", "LOGNAME", ...ownershipTags];
/** Where the machine's toolchains are, such as RUSTUP_HOME; the XDG folders are those of a home. */
const toolchain = /^(?!XDG_|SAM_)[A-Z]+(_DATA)?_(DIR|HOME|ROOT)$/;

/** Makes the folders that it names. `more` is what the agents' table adds. */
export function taskEnvironment(
  layout: DiskLayout,
  taskId: TaskId,
  more: Readonly<Record<string, string>>,
): Record<string, string> {
  const home = layout.home(taskId);
  const temporary = layout.temporary(taskId);
  const agentState = layout.agentState(taskId);
  for (const folder of [home, temporary, agentState]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const kept = Object.entries(process.env).filter(([name]) => inherited.includes(name) || toolchain.test(name));
  return {
    LANG: "C.UTF-8",
    ...Object.fromEntries(kept),
    HOME: home,
    TMPDIR: temporary,
    SAM_AGENT_STATE: agentState,
    ...more,
    [markVariable]: taskId,
  };
}
