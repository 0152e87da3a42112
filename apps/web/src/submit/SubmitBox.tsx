/** The box that submits a task: the words, the agent, and behind "More" what a project usually decides. */
import { makeId } from "@sam/domain/ids";
import type { ProjectView } from "@sam/protocol/project-api";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { ulid } from "ulid";

import { fieldError, isAllInFields } from "../api/api-error.ts";
import { useSubmitTask } from "../api/tasks.ts";
import { pathTo } from "../path-builder.ts";
import { Button } from "../ui/Button.tsx";
import { ErrorNotice } from "../ui/ErrorNotice.tsx";
import { Field } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";
import { Textarea } from "../ui/Input.tsx";
import { AgentSelect } from "./AgentSelect.tsx";
import { readDraft, writeDraft } from "./draft.ts";
import { MoreChoices } from "./MoreChoices.tsx";
import { sendOnCtrlEnter } from "./send-key.ts";
import { choicesOf, taskInput } from "./task-input.ts";

const drawTaskId = () => makeId("task", ulid());
const shownFields = ["prompt", "agentId", "checkCommand", "permissionPolicy", "mode", "repository.branch"];

export function SubmitBox({ project }: { readonly project: ProjectView }): ReactNode {
  const { projectId } = project;
  const [prompt, setPrompt] = useState(() => readDraft(projectId));
  const [choices, setChoices] = useState(() => choicesOf(project));
  const [taskId] = useState(drawTaskId);
  const submit = useSubmitTask();
  const navigate = useNavigate();
  const { error, isPending } = submit;

  const send = () => {
    if (prompt.trim() === "" || isPending) return;
    submit.mutate(taskInput(project, taskId, prompt, choices), {
      onSuccess: (task) => {
        writeDraft(projectId, "");
        void navigate(pathTo.task(task.taskId));
      },
    });
  };
  return (
    <Form onSend={send} failure={error} className="flex flex-col gap-3 rounded-md border border-line bg-raised p-3">
      <Field label="What is to be done?" name="prompt" error={fieldError(error, "prompt")}>
        <Textarea
          rows={4}
          value={prompt}
          data-slash=""
          placeholder="Say what is to change, and how you will know that it is right."
          onKeyDown={sendOnCtrlEnter}
          onChange={({ currentTarget }) => {
            setPrompt(currentTarget.value);
            writeDraft(projectId, currentTarget.value);
          }}
        />
      </Field>
      <MoreChoices project={project} choices={choices} onChange={setChoices} error={error} />
      {error !== null && !isAllInFields(error, shownFields) && (
        <ErrorNotice
          what="The task was not submitted"
          error={error}
          kept="Your text is kept. Sent again, it makes one task, even if the first request had arrived."
        />
      )}
      <div className="flex flex-wrap items-start gap-3">
        <AgentSelect
          agentId={choices.agentId}
          onChange={(agentId) => setChoices({ ...choices, agentId })}
          error={fieldError(error, "agentId")}
        />
        <Button
          type="submit"
          kind="primary"
          busy={isPending && "Submitting"}
          disabled={prompt.trim() === ""}
          className="grow tablet:mt-6 tablet:grow-0"
        >
          Submit the task
        </Button>
      </div>
    </Form>
  );
}
