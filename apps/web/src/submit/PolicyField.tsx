/** Which of an agent's questions SAM answers by itself; what the chosen policy means stands below it. */
import { permissionPolicies, type PermissionPolicy, policyMeanings } from "@sam/domain/permission-policy";
import type { ReactNode } from "react";

import { fieldError } from "../api/api-error.ts";
import { Field } from "../ui/Field.tsx";
import { Select } from "../ui/Select.tsx";

const policyNames: Record<PermissionPolicy, string> = {
  ask: "Ask",
  allow_reads: "Allow reads",
  allow_edits: "Allow edits",
  allow_all: "Allow all",
};
const options = permissionPolicies.map((value) => ({ value, label: policyNames[value] }));

export interface PolicyFieldProps {
  readonly name: string;
  readonly policy: PermissionPolicy;
  readonly onChange: (policy: PermissionPolicy) => void;
  readonly error: unknown;
}

export function PolicyField({ name, policy, onChange, error }: PolicyFieldProps): ReactNode {
  return (
    <Field
      label="Permissions"
      name={name}
      hint={`SAM's policy: ${policyMeanings[policy]}.`}
      error={fieldError(error, name)}
    >
      <Select value={policy} options={options} onChoose={onChange} />
    </Field>
  );
}
