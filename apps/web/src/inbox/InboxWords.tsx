/** The end of a turn where you go on in place: say what comes next, or deliver what there is. */
import type { TaskId } from "@sam/domain/ids";
import type { InboxItem } from "@sam/protocol/inbox-api";
import type { TaskView } from "@sam/protocol/task-api";
import { type ReactNode, useState } from "react";

import { fieldError } from "../api/api-error.ts";
import { useDeliver } from "../api/tasks.ts";
import { readDraft, writeDraft } from "../submit/draft.ts";
import { sendOnCtrlEnter } from "../submit/send-key.ts";
import { useSay } from "../task/use-say.ts";
import { Button } from "../ui/Button.tsx";
import { cx } from "../ui/cx.ts";
import { ErrorNotice } from "../ui/ErrorNotice.tsx";
import { controlClass } from "../ui/Input.tsx";
import { repliedOf, type Replied } from "./replied.ts";

export interface InboxWordsProps {
  readonly taskId: TaskId;
  readonly wait: NonNullable<InboxItem["wait"]>;
  readonly onReplied: ((replied: Replied) => void) | undefined;
}

export function InboxWords({ taskId, wait, onReplied }: InboxWordsProps): ReactNode {
  const [text, setText] = useState(() => readDraft(taskId));
  const deliver = useDeliver(taskId);
  const onTaken = (task: TaskView) => {
    setText("");
    const replied = repliedOf(task, null, "Sent");
    if (replied !== null) onReplied?.(replied);
  };
  const { say, error, pending } = useSay(taskId, onTaken);
  const busy = pending !== null || deliver.isPending;
  return (
    <form
      aria-label="Go on with it"
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== "" && !busy) void say(text, false);
      }}
    >
      <p>The agent's turn is over. Say what is next, or deliver what there is.</p>
      {error !== null && (
        <ErrorNotice what="It was not sent" error={error} kept="Your text is kept. Sent again, it is said once." />
      )}
      {deliver.error !== null && <ErrorNotice what="It was not delivered" error={deliver.error} />}
      <textarea
        aria-label="Message to the agent"
        aria-invalid={fieldError(error, "prompt") !== null}
        rows={1}
        value={text}
        readOnly={pending !== null}
        placeholder="Say what comes next"
        onKeyDown={sendOnCtrlEnter}
        onChange={({ currentTarget }) => {
          setText(currentTarget.value);
          writeDraft(taskId, currentTarget.value);
        }}
        className={cx(controlClass, "field-sizing-content max-h-[30dvh] resize-none py-2")}
      />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" kind="primary" disabled={text.trim() === "" || busy} busy={pending !== null && "Sending"}>
          Send
        </Button>
        {wait.canDeliver && (
          <Button disabled={busy} busy={deliver.isPending && "Delivering"} onClick={() => deliver.mutate()}>
            Deliver
          </Button>
        )}
      </div>
    </form>
  );
}
