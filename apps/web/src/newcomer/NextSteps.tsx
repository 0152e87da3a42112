/** The next thing to try, beside the first run's task, until there is work of one's own by an agent that is ready. */
import type { TaskId } from "@sam/domain/ids";
import type { TaskRow } from "@sam/protocol/task-api";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { useAgents } from "../api/agents.ts";
import { useProjects } from "../api/projects.ts";
import { useSystem } from "../api/system.ts";
import { useTaskList } from "../api/tasks.ts";
import { Section } from "../layout/Page.tsx";
import { pathTo } from "../path-builder.ts";
import { isNewcomer, type NextStepFacts, nextStepFacts } from "./next-steps.ts";

interface Step {
  readonly key: string;
  readonly done: boolean;
  readonly link: ReactNode;
  readonly why: string;
}

export interface NextStepsProps {
  readonly tasks: readonly TaskRow[];
  /** The task whose page this stands on, if it does: who is there has looked at it. */
  readonly here?: TaskId;
}

export function NextSteps({ tasks, here }: NextStepsProps): ReactNode {
  const { data: system } = useSystem();
  const { data: agents } = useAgents();
  const { data: projects } = useProjects();
  if (system === undefined || agents === undefined || projects === undefined) return null;
  const facts = nextStepFacts({ system, tasks, agents, projects });
  if (!isNewcomer(facts)) return null;
  const steps = stepsOf(facts, here);
  const next = steps.find(({ done }) => !done);
  return (
    <Section title="The next thing to try">
      <ol className="flex flex-col">
        {steps.map((step, index) => (
          <li key={step.key} className="flex min-h-11 items-start gap-3 py-2">
            <span
              aria-hidden="true"
              className={
                step === next
                  ? "mt-px flex size-5 shrink-0 items-center justify-center rounded-full bg-accent text-xs font-medium text-accent-ink"
                  : "mt-px flex size-5 shrink-0 items-center justify-center rounded-full border border-line-strong text-xs text-ink-quiet"
              }
            >
              {index + 1}
            </span>
            <div className="min-w-0">
              <p className={step === next ? "font-medium" : undefined}>
                {step.link}
                {step.done && <span className="text-ink-quiet"> · done</span>}
              </p>
              <p className="text-ink-quiet">{step.why}</p>
            </div>
          </li>
        ))}
      </ol>
    </Section>
  );
}

function stepsOf(facts: NextStepFacts, here: TaskId | undefined): readonly Step[] {
  const { firstTask, hasReadyAgent, ownProject, hasOwnTask } = facts;
  const look: readonly Step[] =
    firstTask === null
      ? []
      : [
          {
            key: "look",
            // Nobody keeps a record of who looked; whoever went on has seen enough.
            done: here === firstTask.taskId || hasReadyAgent || ownProject !== null || hasOwnTask,
            link: <Link {...pathTo.task(firstTask.taskId)}>Look at the first task</Link>,
            why: "It ran when SAM was started: the conversation, the steps with their clocks, the diff, and the proof.",
          },
        ];
  return [
    ...look,
    {
      key: "agent",
      done: hasReadyAgent,
      link: <Link {...pathTo.agents()}>Give an agent the key of its model</Link>,
      why: "Then press its check: one small real turn says whether key, model and installation work.",
    },
    {
      key: "project",
      done: ownProject !== null,
      link: <Link {...pathTo.projects()}>Add a repository of yours</Link>,
      why: "A path on this machine or a URL. Its branches are left alone; each task works on one of its own.",
    },
    {
      key: "task",
      done: hasOwnTask,
      link: (
        <Link {...(ownProject === null ? pathTo.projects() : pathTo.project(ownProject.projectId))}>
          Submit a task to it
        </Link>
      ),
      why: "Say what is to change and how you will know that it is right; a check command makes it a verdict.",
    },
  ];
}

/** The same beside the first run's task itself, for as long as it is of use. */
export function NextStepsBeside({ taskId }: { readonly taskId: TaskId }): ReactNode {
  const { data: system } = useSystem();
  return system?.firstTaskId === taskId ? <StepsOfNewest here={taskId} /> : null;
}

function StepsOfNewest({ here }: { readonly here: TaskId }): ReactNode {
  const { data } = useTaskList();
  return data === undefined ? null : <NextSteps tasks={data.tasks} here={here} />;
}
