/** The agents: what each is, whether it has its key, its model and base URL, and a check that proves it. */
import type { ReactNode } from "react";

import { useAgents } from "../../api/agents.ts";
import { useProjects } from "../../api/projects.ts";
import { Page } from "../../layout/Page.tsx";
import { QueryNotice } from "../../layout/QueryNotice.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { SkeletonRows } from "../../ui/Skeleton.tsx";
import { AgentCard } from "./AgentCard.tsx";

export function AgentsPage(): ReactNode {
  const query = useAgents();
  const { data: agents } = query;
  const { data: projects = [] } = useProjects();
  return (
    <Page
      title="Agents"
      lead="Each is installed on a node at its first use, at the version shown, and reaches its model through a gateway that holds the key."
    >
      <QueryNotice
        query={query}
        what="The agents could not be listed"
        loading={<SkeletonRows label="Loading agents" rows={6} />}
      />
      {agents?.length === 0 && (
        <EmptyState title="No agent">
          This installation names none. Look at its log: the catalog should be here.
        </EmptyState>
      )}
      {agents !== undefined && agents.length > 0 && (
        <div className="flex flex-col divide-y divide-line border-y border-line">
          {agents.map((agent) => (
            <AgentCard key={agent.agentId} agent={agent} projects={projects} />
          ))}
        </div>
      )}
    </Page>
  );
}
