/** One agent: what it lacks first, then its facts, its settings and its check. */
import type { AgentView } from "@sam/protocol/agent-api";
import type { ProjectView } from "@sam/protocol/project-api";
import type { ReactNode } from "react";

import { Facts } from "../../ui/Facts.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Status } from "../../ui/Status.tsx";
import { AgentKey } from "./AgentKey.tsx";
import { AgentSettings } from "./AgentSettings.tsx";
import { CheckOutcome, useCheck } from "./CheckAgent.tsx";

export interface AgentCardProps {
  readonly agent: AgentView;
  readonly projects: readonly ProjectView[];
}

export function AgentCard({ agent, projects }: AgentCardProps): ReactNode {
  const check = useCheck(agent);
  const { name, npmPackage, version, lacks, limits } = agent;
  return (
    <article aria-label={name} className="flex flex-col gap-3 py-4">
      <header className="flex items-start justify-between gap-4">
        <div className="min-w-0">
          <h2 className="text-base font-semibold">{name}</h2>
          {lacks !== null && <Status meaning="yours" word={lacks} />}
        </div>
        {check.button}
      </header>
      <CheckOutcome agent={agent} check={check} />
      <Facts
        facts={[
          ["Comes as", comesAs(npmPackage, version)],
          ["Model's key", <AgentKey agent={agent} />],
          ["Model", modelText(agent)],
          ...(limits.length === 0 ? [] : [["Limits", limits.map((limit) => <p key={limit}>{limit}</p>)] as const]),
        ]}
      />
      <details className="group">
        <summary className="touch inline-flex items-center gap-1 rounded-md pr-2 text-ink-quiet">
          <Icon name="chevron" className="size-4 shrink-0 transition-transform group-open:rotate-90" />
          Model and base URL
        </summary>
        <div className="pt-2">
          <AgentSettings agent={agent} projects={projects} />
        </div>
      </details>
    </article>
  );
}

function comesAs(npmPackage: string | null, version: string | null): ReactNode {
  if (npmPackage === null) return "a part of SAM, or a program of this machine";
  return (
    <span className="font-mono text-xs">
      {npmPackage}@{version}
    </span>
  );
}

/** What a task of a project without settings of its own gets. */
function modelText(agent: AgentView): string {
  const own = agent.settings.find(({ projectId }) => projectId === null);
  const model = own?.model ?? agent.defaultModel ?? "the agent's own choice";
  const baseUrl = own?.baseUrl ?? agent.defaultBaseUrl;
  return baseUrl === null ? model : `${model}, at ${baseUrl}`;
}
