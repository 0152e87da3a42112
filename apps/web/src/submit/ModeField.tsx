/** What happens when the agent's turn ends: deliver at once, or wait for what you say next. */
import { taskModes } from "@sam/protocol/task-api";
import type { ReactNode } from "react";

import { fieldError } from "../api/api-error.ts";
import { Field } from "../ui/Field.tsx";
import { Select } from "../ui/Select.tsx";

type Mode = (typeof taskModes)[number];

const modeNames: Record<Mode, string> = { task: "Task", conversation: "Conversation" };
const modeMeanings: Record<Mode, string> = {
  task: "When the agent's turn ends its work is committed, checked and pushed.",
  conversation: "After each turn it waits for you, until you say deliver.",
};
const options = taskModes.map((value) => ({ value, label: modeNames[value] }));

export interface ModeFieldProps {
  readonly name: string;
  readonly mode: Mode;
  readonly onChange: (mode: Mode) => void;
  readonly error: unknown;
}

export function ModeField({ name, mode, onChange, error }: ModeFieldProps): ReactNode {
  return (
    <Field label="Mode" name={name} hint={modeMeanings[mode]} error={fieldError(error, name)}>
      <Select value={mode} options={options} onChoose={onChange} />
    </Field>
  );
}
