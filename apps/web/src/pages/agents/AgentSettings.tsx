/** Model and base URL of an agent: for every project, or for one. An empty field takes the setting away. */
import type { AgentView } from "@sam/protocol/agent-api";
import { projectIdSchema } from "@sam/protocol/ids";
import type { ProjectView } from "@sam/protocol/project-api";
import { type ReactNode, useState } from "react";

import { useSetAgent } from "../../api/agents.ts";
import { fieldError, isAllInFields } from "../../api/api-error.ts";
import { Button } from "../../ui/Button.tsx";
import { Done } from "../../ui/Done.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Field } from "../../ui/Field.tsx";
import { Form } from "../../ui/Form.tsx";
import { CodeInput } from "../../ui/Input.tsx";
import { Select } from "../../ui/Select.tsx";

const everyProject = "every";

export interface AgentSettingsProps {
  readonly agent: AgentView;
  readonly projects: readonly ProjectView[];
}

export function AgentSettings({ agent, projects }: AgentSettingsProps): ReactNode {
  const [scope, setScope] = useState<string>(everyProject);
  const projectId = projectIdSchema.safeParse(scope).data ?? null;
  const options = [
    { value: everyProject, label: "Every project" },
    ...projects.map(({ projectId: value, name }) => ({ value: String(value), label: name })),
  ];
  return (
    <div className="flex flex-col gap-4">
      <Field label="For" className="flex max-w-80 flex-col gap-1">
        <Select value={scope} options={options} onChoose={setScope} />
      </Field>
      <ScopeForm key={scope} agent={agent} projectId={projectId} />
    </div>
  );
}

interface ScopeFormProps {
  readonly agent: AgentView;
  readonly projectId: ProjectView["projectId"] | null;
}

function ScopeForm({ agent, projectId }: ScopeFormProps): ReactNode {
  const set = agent.settings.find((settings) => settings.projectId === projectId);
  const below = projectId === null ? undefined : agent.settings.find((settings) => settings.projectId === null);
  const [model, setModel] = useState(set?.model ?? "");
  const [baseUrl, setBaseUrl] = useState(set?.baseUrl ?? "");
  const { mutate, error, isPending, isSuccess, submittedAt } = useSetAgent(agent.agentId);
  const save = () => {
    const orNull = (text: string) => (text.trim() === "" ? null : text.trim());
    mutate({ projectId, model: orNull(model), baseUrl: orNull(baseUrl) });
  };
  return (
    <Form onSend={save} failure={error} className="flex flex-col gap-4">
      <div className="grid gap-4 tablet:grid-cols-2">
        <Field
          label="Model"
          name="model"
          hint={`Empty: ${below?.model ?? agent.defaultModel ?? "the agent's own choice"}.`}
          error={fieldError(error, "model")}
        >
          <CodeInput value={model} onText={setModel} />
        </Field>
        <Field
          label="Base URL"
          name="baseUrl"
          hint={`Of a gateway or a model of your own. Empty: ${below?.baseUrl ?? agent.defaultBaseUrl ?? "none, and this agent needs one"}.`}
          error={fieldError(error, "baseUrl")}
        >
          <CodeInput value={baseUrl} onText={setBaseUrl} />
        </Field>
      </div>
      {error !== null && !isAllInFields(error, ["model", "baseUrl"]) && (
        <ErrorNotice what="The settings were not saved" error={error} kept="What you wrote still stands here." />
      )}
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" busy={isPending && "Saving"}>
          Save
        </Button>
        <Done at={isSuccess ? submittedAt : null}>Saved; {agent.name} uses it from its next start on.</Done>
      </div>
    </Form>
  );
}
