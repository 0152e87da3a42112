/** What a project usually decides, and one task may decide for itself: check, permissions, mode, branch. */
import type { ProjectView } from "@sam/protocol/project-api";
import { type ReactNode, useState } from "react";

import { fieldError } from "../api/api-error.ts";
import { Field } from "../ui/Field.tsx";
import { Icon } from "../ui/Icon.tsx";
import { CodeInput } from "../ui/Input.tsx";
import { ModeField } from "./ModeField.tsx";
import { PolicyField } from "./PolicyField.tsx";
import { changedCount, type TaskChoices } from "./task-input.ts";

const fields = ["checkCommand", "repository.branch", "permissionPolicy", "mode"];

export interface MoreChoicesProps {
  readonly project: ProjectView;
  readonly choices: TaskChoices;
  readonly onChange: (choices: TaskChoices) => void;
  readonly error: unknown;
}

export function MoreChoices({ project, choices, onChange, error }: MoreChoicesProps): ReactNode {
  const changed = changedCount(project, choices);
  const [isOpen, setIsOpen] = useState(false);
  // What was refused is not left behind a closed door.
  const failed = fields.some((field) => fieldError(error, field) !== null);
  return (
    <details className="group" open={isOpen || failed} onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)}>
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
        <PolicyField
          name="permissionPolicy"
          policy={choices.permissionPolicy}
          onChange={(permissionPolicy) => onChange({ ...choices, permissionPolicy })}
          error={error}
        />
        <ModeField name="mode" mode={choices.mode} onChange={(mode) => onChange({ ...choices, mode })} error={error} />
      </div>
    </details>
  );
}
