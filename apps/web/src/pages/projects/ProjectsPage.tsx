/** Your repositories, with what goes on in each, and the form that adds one. */
import type { ProjectView } from "@sam/protocol/project-api";
import type { TaskRow } from "@sam/protocol/task-api";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { useProjects } from "../../api/projects.ts";
import { useTaskList } from "../../api/tasks.ts";
import { Page, Section } from "../../layout/Page.tsx";
import { QueryNotice } from "../../layout/QueryNotice.tsx";
import { pathTo } from "../../path-builder.ts";
import { groupOf } from "../../status/task-status.ts";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { SkeletonRows } from "../../ui/Skeleton.tsx";
import { Status } from "../../ui/Status.tsx";
import { AddProject } from "./AddProject.tsx";

export function ProjectsPage(): ReactNode {
  const query = useProjects();
  const { data: projects } = query;
  const { data: tasks } = useTaskList();
  return (
    <Page title="Projects" lead="A project is a git repository, with defaults for its tasks.">
      <QueryNotice
        query={query}
        what="The projects could not be listed"
        loading={<SkeletonRows label="Loading projects" />}
      />
      {projects?.length === 0 && (
        <EmptyState title="No project yet">
          Name a repository below: a path on this machine, or a URL that it may clone and push to.
        </EmptyState>
      )}
      {projects !== undefined && projects.length > 0 && (
        <ul data-list="" className="flex flex-col divide-y divide-line border-y border-line">
          {projects.map((project) => (
            <ProjectRow key={project.projectId} project={project} tasks={tasks?.tasks ?? []} />
          ))}
        </ul>
      )}
      <Section title="Add a project">
        <AddProject />
      </Section>
    </Page>
  );
}

function ProjectRow({
  project,
  tasks,
}: {
  readonly project: ProjectView;
  readonly tasks: readonly TaskRow[];
}): ReactNode {
  const own = tasks.filter(({ projectId }) => projectId === project.projectId);
  const yours = own.filter(({ step }) => groupOf(step) === "yours").length;
  const running = own.filter(({ step }) => groupOf(step) === "running").length;
  return (
    <li>
      <Link
        {...pathTo.project(project.projectId)}
        data-list-item=""
        className="-mx-2 flex min-h-14 flex-wrap items-center gap-x-4 gap-y-1 rounded-md px-2 py-2 no-underline hover:bg-raised"
      >
        <span className="min-w-0 flex-1 basis-60">
          <span className="block truncate font-medium">{project.name}</span>
          <span className="block truncate font-mono text-xs text-ink-quiet">{project.repositoryUrl}</span>
        </span>
        {yours > 0 && <Status meaning="yours" word={`${yours} await${yours === 1 ? "s" : ""} you`} />}
        {running > 0 && <Status meaning="active" word={`${running} running`} />}
        {yours + running === 0 && (
          <span className="text-ink-quiet">{own.length === 0 ? "no task yet" : "nothing runs"}</span>
        )}
      </Link>
    </li>
  );
}
