/** Names a repository. It is not looked at before the first task: that says what it finds. */
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";

import { fieldError, isAllInFields } from "../../api/api-error.ts";
import { useCreateProject } from "../../api/projects.ts";
import { useSystem } from "../../api/system.ts";
import { pathTo } from "../../path-builder.ts";
import { Button } from "../../ui/Button.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Field } from "../../ui/Field.tsx";
import { Form } from "../../ui/Form.tsx";
import { CodeInput, Input } from "../../ui/Input.tsx";

export function AddProject(): ReactNode {
  const [url, setUrl] = useState("");
  const [name, setName] = useState("");
  const { mutate, error, isPending } = useCreateProject();
  const { data: system } = useSystem();
  const navigate = useNavigate();
  const sample = system?.sampleRepository ?? null;
  const add = () => {
    const input = { repositoryUrl: url.trim(), ...(name.trim() === "" ? {} : { name: name.trim() }) };
    mutate(input, { onSuccess: ({ projectId }) => void navigate(pathTo.project(projectId)) });
  };
  return (
    <Form onSend={add} failure={error} className="flex flex-col gap-4">
      <div className="grid gap-4 tablet:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
        <Field
          label="Repository"
          name="repositoryUrl"
          hint="An absolute path, or an https, ssh or git URL. Never with a password in it."
          error={fieldError(error, "repositoryUrl")}
        >
          <CodeInput value={url} onText={setUrl} />
        </Field>
        <Field label="Name" name="name" hint="Empty: the last part of the address." error={fieldError(error, "name")}>
          <Input value={name} onChange={({ currentTarget }) => setName(currentTarget.value)} autoComplete="off" />
        </Field>
      </div>
      {error !== null && !isAllInFields(error, ["repositoryUrl", "name"]) && (
        <ErrorNotice what="The project was not added" error={error} kept="What you wrote is kept." />
      )}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" kind="primary" busy={isPending && "Adding"} disabled={url.trim() === ""}>
          Add the project
        </Button>
        {sample !== null && (
          <Button kind="quiet" onClick={() => setUrl(sample)}>
            Use the sample repository
          </Button>
        )}
      </div>
    </Form>
  );
}
