/** What needs you, oldest first and answerable in place; then what runs, and what ended. Over all projects. */
import type { TaskRow } from "@sam/protocol/task-api";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { useInbox } from "../../api/inbox.ts";
import { useProjects } from "../../api/projects.ts";
import { useTaskList } from "../../api/tasks.ts";
import { InboxEntry } from "../../inbox/InboxEntry.tsx";
import { Page, Section } from "../../layout/Page.tsx";
import { QueryNotice } from "../../layout/QueryNotice.tsx";
import { NextSteps } from "../../newcomer/NextSteps.tsx";
import { pathTo } from "../../path-builder.ts";
import { groupOf, type TaskGroup } from "../../status/task-status.ts";
import { TaskList } from "../../task-list/TaskList.tsx";
import { buttonClass, type ButtonKind } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { SkeletonRows } from "../../ui/Skeleton.tsx";
import { headlineOf } from "./headline.ts";

const shownWaiting = 5;
const shownEnded = 12;

export function HomePage(): ReactNode {
  const query = useTaskList();
  const { data } = query;
  const { data: projects } = useProjects();
  const tasks = data?.tasks ?? [];
  const of = (wanted: TaskGroup) => tasks.filter(({ step }) => groupOf(step) === wanted);
  const { data: inbox } = useInbox();
  const yours = inbox?.total ?? of("yours").length;
  const running = of("running");
  const ended = of("ended");
  const title = data === undefined ? "Home" : headlineOf(yours, running.length);
  const projectName = (projectId: TaskRow["projectId"]) =>
    projects?.find((project) => project.projectId === projectId)?.name ?? null;
  return (
    <Page
      title={title}
      tabTitle={yours > 0 ? `● ${title}` : title}
      actions={<NewTask latest={tasks[0]} kind={yours > 0 ? "secondary" : "primary"} />}
    >
      <QueryNotice
        query={query}
        what="The tasks could not be listed"
        loading={<SkeletonRows label="Loading tasks" rows={6} />}
      />
      {inbox !== undefined && inbox.items.length > 0 && (
        <Section title="Awaits you" aside={inboxAside(inbox.total)}>
          <ul className="flex flex-col divide-y divide-line">
            {inbox.items.slice(0, shownWaiting).map((item) => (
              <InboxEntry key={item.task.taskId} item={item} />
            ))}
          </ul>
        </Section>
      )}
      {running.length > 0 && (
        <Section title="Running">
          <TaskList tasks={running} projectName={projectName} />
        </Section>
      )}
      {data !== undefined && <NextSteps tasks={tasks} />}
      {ended.length > 0 && (
        <Section title="Ended" aside={endedAside(ended.length)}>
          <TaskList tasks={ended.slice(0, shownEnded)} projectName={projectName} />
        </Section>
      )}
    </Page>
  );
}

function inboxAside(count: number): ReactNode {
  if (count <= shownWaiting) return "oldest first";
  return (
    <>
      the oldest {shownWaiting}; <Link {...pathTo.inbox()}>all {count}</Link>
    </>
  );
}

function endedAside(count: number): ReactNode {
  if (count <= shownEnded) return null;
  return (
    <>
      the last {shownEnded}; <Link {...pathTo.projects()}>all, by project</Link>
    </>
  );
}

interface NewTaskProps {
  readonly latest: TaskRow | undefined;
  readonly kind: ButtonKind;
}

/** Goes to the box of the project that was used last. */
function NewTask({ latest, kind }: NewTaskProps): ReactNode {
  const link = latest === undefined ? pathTo.projects() : pathTo.project(latest.projectId);
  return (
    <Link {...link} className={buttonClass(kind)}>
      <Icon name="plus" />
      New task
    </Link>
  );
}
