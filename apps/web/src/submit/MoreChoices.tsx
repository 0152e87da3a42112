/** What a project usually decides, and one task may decide for itself: check, permissions, mode, branch. */
import { permissionPolicies, policyMeanings } from "@sam/domain/permission-policy";
import type { ProjectView } from "@sam/protocol/project-api";
import { taskModes } from "@sam/protocol/task-api";
import type { ReactNode } from "react";

import { fieldError } from "../api/api-error.ts";
import { Field } from "../ui/Field.tsx";
import { Icon } from "../ui/Icon.tsx";
import { CodeInput } from "../ui/Input.tsx";
import { Select } from "../ui/Select.tsx";
import { changedCount, type TaskChoices } from "./task-input.ts";

export const policyOptions = permissionPolicies.map((value) => ({
  value,
  label: policyMeanings[value].charAt(0).toUpperCase() + policyMeanings[value].slice(1),
}));

const modeMeanings: Record<(typeof taskModes)[number], string> = {
  task: "Task: deliver when the agent's turn ends",
  conversation: "Conversation: wait for me after each turn",
};
export const modeOptions = taskModes.map((value) => ({ value, label: modeMeanings[value] }));

export interface MoreChoicesProps {
  readonly project: ProjectView;
  readonly choices: TaskChoices;
  readonly onChange: (choices: TaskChoices) => void;
  readonly error: unknown;
}

export function MoreChoices({ project, choices, onChange, error }: MoreChoicesProps): ReactNode {
  const changed = changedCount(project, choices);
  return (
    <details className="group">
      <summary className="touch inline-flex items-center gap-1 rounded-md pr-2 text-ink-quiet">
        <Icon name="chevron" className="size-4 shrink-0 transition-transform group-open:rotate-90" />
        More: check, permissions, mode, branch
        {changed > 0 && ` (${changed} not as in the project)`}
      </summary>
      <div className="grid gap-4 pt-2 pb-1 tablet:grid-cols-2">
        <Field
          label="Check command"
          name="checkCommand"
          hint="Run in the workspace before the push. Empty: nobody claims that the work is checked."
          error={fieldError(error, "checkCommand")}
        >
          <CodeInput value={choices.checkCommand} onText={(checkCommand) => onChange({ ...choices, checkCommand })} />
        </Field>
        <Field
          label="Branch to start from"
          name="repository.branch"
          hint="Empty: the repository's default branch."
          error={fieldError(error, "repository.branch")}
        >
          <CodeInput value={choices.branch} onText={(branch) => onChange({ ...choices, branch })} />
        </Field>
        <Field label="Permissions" name="permissionPolicy" error={fieldError(error, "permissionPolicy")}>
          <Select
            value={choices.permissionPolicy}
            options={policyOptions}
            onChange={(permissionPolicy) => onChange({ ...choices, permissionPolicy })}
          />
        </Field>
        <Field label="Mode" name="mode" error={fieldError(error, "mode")}>
          <Select value={choices.mode} options={modeOptions} onChange={(mode) => onChange({ ...choices, mode })} />
        </Field>
      </div>
    </details>
  );
}
