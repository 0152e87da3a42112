/** What the box says of a task, and how it is put to the API: what was not chosen is the project's default. */
import type { PermissionPolicy } from "@sam/domain/permission-policy";
import type { ProjectView } from "@sam/protocol/project-api";
import type { SubmitTask } from "@sam/protocol/task-api";

export interface TaskChoices {
  readonly agentId: string;
  readonly checkCommand: string;
  readonly permissionPolicy: PermissionPolicy;
  readonly mode: "task" | "conversation";
  readonly branch: string;
}

/** What the box starts with. */
export function choicesOf(project: ProjectView): TaskChoices {
  const { agentId, checkCommand, permissionPolicy, mode } = project.defaults;
  return { agentId, checkCommand: checkCommand ?? "", permissionPolicy, mode, branch: "" };
}

/** @param taskId drawn once for what is written, so that a request that is repeated makes one task. */
export function taskInput(
  project: ProjectView,
  taskId: NonNullable<SubmitTask["taskId"]>,
  prompt: string,
  choices: TaskChoices,
): SubmitTask {
  const { agentId, permissionPolicy, mode } = choices;
  const checkCommand = choices.checkCommand.trim();
  const branch = choices.branch.trim();
  return {
    taskId,
    prompt,
    repository: { url: project.repositoryUrl, branch: branch === "" ? null : branch },
    agentId,
    checkCommand: checkCommand === "" ? null : checkCommand,
    permissionPolicy,
    mode,
  };
}

/** How many of the choices differ from the project's defaults: said on the closed part of the box. */
export function changedCount(project: ProjectView, choices: TaskChoices): number {
  const defaults = choicesOf(project);
  const names = ["checkCommand", "permissionPolicy", "mode", "branch"] as const;
  return names.filter((name) => choices[name] !== defaults[name]).length;
}
