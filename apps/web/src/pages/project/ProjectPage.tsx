/** One project: the box that submits a task, its tasks, and its settings. The chosen view stands in the URL. */
import type { ProjectView } from "@sam/protocol/project-api";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { useProjects } from "../../api/projects.ts";
import { Page } from "../../layout/Page.tsx";
import { PageNotFound } from "../../layout/PageError.tsx";
import { SubmitBox } from "../../submit/SubmitBox.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Skeleton, SkeletonRows } from "../../ui/Skeleton.tsx";
import { Tabs } from "../../ui/Tabs.tsx";
import { ProjectSettings } from "./ProjectSettings.tsx";
import { ProjectTasks } from "./ProjectTasks.tsx";

const route = getRouteApi("/shell/projects/$projectId");

export function ProjectPage(): ReactNode {
  const { projectId } = route.useParams();
  const { data: projects, error, refetch } = useProjects();
  const project = projects?.find((candidate) => candidate.projectId === projectId);
  if (project !== undefined) return <Known key={projectId} project={project} />;
  if (projects !== undefined) return <PageNotFound />;
  return (
    <Page title="Project">
      {error === null ? (
        <>
          <Skeleton className="h-40 w-full" />
          <SkeletonRows label="Loading the project" />
        </>
      ) : (
        <ErrorNotice what="The project could not be read" error={error} retry={() => void refetch()} />
      )}
    </Page>
  );
}

function Known({ project }: { readonly project: ProjectView }): ReactNode {
  const { view } = route.useSearch();
  const navigate = useNavigate();
  return (
    <Page title={project.name} lead={<span className="font-mono text-xs">{project.repositoryUrl}</span>}>
      <SubmitBox project={project} />
      <Tabs
        label="Views of the project"
        value={view}
        onChange={(next) => void navigate({ to: ".", search: { view: next }, replace: true })}
        tabs={[
          { value: "tasks", label: "Tasks", content: <ProjectTasks projectId={project.projectId} /> },
          { value: "settings", label: "Settings", content: <ProjectSettings project={project} /> },
        ]}
      />
    </Page>
  );
}
