/** What a newcomer does next, in order, each with whether it is done: told from facts, not from a flag. */
import type { TaskId } from "@sam/domain/ids";
import type { AgentView } from "@sam/protocol/agent-api";
import type { ProjectView } from "@sam/protocol/project-api";
import type { SystemView } from "@sam/protocol/system-api";
import type { TaskRow } from "@sam/protocol/task-api";

export interface NewcomerFacts {
  readonly system: SystemView;
  readonly tasks: readonly TaskRow[];
  readonly agents: readonly AgentView[];
  readonly projects: readonly ProjectView[];
}

export interface NextStepFacts {
  readonly firstTask: TaskRow | null;
  readonly hasReadyAgent: boolean;
  readonly ownProject: ProjectView | null;
  readonly hasOwnTask: boolean;
}

/** @returns what is done of the way from the first look to the first work of one's own. */
export function nextStepFacts({ system, tasks, agents, projects }: NewcomerFacts): NextStepFacts {
  const { sampleRepository, firstTaskId } = system;
  const ownProject = projects.find(({ repositoryUrl }) => repositoryUrl !== sampleRepository) ?? null;
  return {
    firstTask: tasks.find(({ taskId }: { readonly taskId: TaskId }) => taskId === firstTaskId) ?? null,
    hasReadyAgent: agents.some(({ npmPackage, lacks }) => npmPackage !== null && lacks === null),
    ownProject,
    hasOwnTask: tasks.some(({ repositoryUrl }) => repositoryUrl !== sampleRepository),
  };
}

/** @returns whether there is still something to show: someone who has worked with it needs no steps. */
export function isNewcomer(facts: NextStepFacts): boolean {
  return !facts.hasOwnTask || !facts.hasReadyAgent;
}
