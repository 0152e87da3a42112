/** The defaults of a project's tasks. What is changed here holds for tasks that are submitted from now on. */
import type { ProjectView } from "@sam/protocol/project-api";
import { type ReactNode, useState } from "react";

import { fieldError, isAllInFields } from "../../api/api-error.ts";
import { useChangeProject } from "../../api/projects.ts";
import { AgentSelect } from "../../submit/AgentSelect.tsx";
import { ModeField } from "../../submit/ModeField.tsx";
import { PolicyField } from "../../submit/PolicyField.tsx";
import { Button } from "../../ui/Button.tsx";
import { Done } from "../../ui/Done.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Field } from "../../ui/Field.tsx";
import { Form } from "../../ui/Form.tsx";
import { CodeInput, Input } from "../../ui/Input.tsx";

const fields = ["name", "defaults.agentId", "defaults.checkCommand", "defaults.permissionPolicy", "defaults.mode"];

export function ProjectSettings({ project }: { readonly project: ProjectView }): ReactNode {
  const [name, setName] = useState(project.name);
  const [defaults, setDefaults] = useState(project.defaults);
  const { mutate, error, isPending, isSuccess, submittedAt } = useChangeProject(project.projectId);
  const checkCommand = defaults.checkCommand ?? "";
  const save = () => {
    const check = checkCommand.trim() === "" ? null : checkCommand.trim();
    mutate({ name, defaults: { ...defaults, checkCommand: check } });
  };
  return (
    <Form onSend={save} failure={error} className="grid max-w-xl gap-4">
      <Field label="Name" name="name" error={fieldError(error, "name")}>
        <Input value={name} onChange={({ currentTarget }) => setName(currentTarget.value)} autoComplete="off" />
      </Field>
      <AgentSelect
        label="Agent"
        agentId={defaults.agentId}
        onChange={(agentId) => setDefaults({ ...defaults, agentId })}
        error={fieldError(error, "defaults.agentId")}
      />
      <Field
        label="Check command"
        name="defaults.checkCommand"
        hint="Run in the workspace before the push, such as npm test. Its exit code is the verdict."
        error={fieldError(error, "defaults.checkCommand")}
      >
        <CodeInput value={checkCommand} onText={(text) => setDefaults({ ...defaults, checkCommand: text })} />
      </Field>
      <PolicyField
        name="defaults.permissionPolicy"
        policy={defaults.permissionPolicy}
        onChange={(permissionPolicy) => setDefaults({ ...defaults, permissionPolicy })}
        error={error}
      />
      <ModeField
        name="defaults.mode"
        mode={defaults.mode}
        onChange={(mode) => setDefaults({ ...defaults, mode })}
        error={error}
      />
      {error !== null && !isAllInFields(error, fields) && (
        <ErrorNotice what="The settings were not saved" error={error} kept="What you changed still stands here." />
      )}
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" kind="primary" busy={isPending && "Saving"}>
          Save the settings
        </Button>
        <Done at={isSuccess ? submittedAt : null}>Saved; tasks submitted from now on have it.</Done>
      </div>
    </Form>
  );
}
