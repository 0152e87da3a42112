/** Which agent does it, and what stands in its way, said before the task is submitted. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { useAgents } from "../api/agents.ts";
import { pathTo } from "../path-builder.ts";
import { Field } from "../ui/Field.tsx";
import { Select } from "../ui/Select.tsx";
import { StatusShape } from "../ui/Status.tsx";

export interface AgentSelectProps {
  readonly agentId: string;
  readonly onChange: (agentId: string) => void;
  readonly error?: string | null;
  readonly label?: string;
}

export function AgentSelect({ agentId, onChange, error, label = "Agent" }: AgentSelectProps): ReactNode {
  const { data: agents = [] } = useAgents();
  const chosen = agents.find((agent) => agent.agentId === agentId);
  const options = agents.map((agent) => ({
    value: agent.agentId,
    label: agent.lacks === null ? agent.name : `${agent.name} (not ready)`,
  }));
  // The project may name an agent that this list does not hold, or does not hold yet.
  if (chosen === undefined) options.unshift({ value: agentId, label: agentId });
  const lacks = chosen?.lacks ?? null;
  return (
    <Field
      label={label}
      name="agentId"
      error={error}
      className="flex min-w-56 grow flex-col gap-1 tablet:max-w-80"
      hint={lacks === null ? undefined : <Lacks text={lacks} />}
    >
      <Select value={agentId} options={options} onChoose={onChange} />
    </Field>
  );
}

function Lacks({ text }: { readonly text: string }): ReactNode {
  return (
    <span className="flex items-start gap-1.5 text-yours">
      <StatusShape meaning="yours" />
      <span>
        {text} <Link {...pathTo.agents()}>Set it up</Link>
      </span>
    </span>
  );
}
