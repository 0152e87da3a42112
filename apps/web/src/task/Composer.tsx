/**
 * Where you say more. It says beforehand what that does, keeps the text until it is taken, and shares nothing with the
 * conversation above, so that a key is painted at once however much streams there.
 */
import type { ReleaseView, TaskView } from "@sam/protocol/task-api";
import { Link } from "@tanstack/react-router";
import { memo, type ReactNode, useState } from "react";

import { fieldError } from "../api/api-error.ts";
import { ReleaseLine } from "../inbox/ReleaseLine.tsx";
import { pathTo } from "../path-builder.ts";
import { readDraft, writeDraft } from "../submit/draft.ts";
import { sendOnCtrlEnter } from "../submit/send-key.ts";
import { Button, buttonClass } from "../ui/Button.tsx";
import { cx } from "../ui/cx.ts";
import { ErrorNotice } from "../ui/ErrorNotice.tsx";
import { controlClass } from "../ui/Input.tsx";
import { sayWords, type SayWords, whyNothing } from "./say-words.ts";
import { type Pending, useSay } from "./use-say.ts";

export interface ComposerProps {
  readonly task: TaskView;
}

export function Composer({ task }: ComposerProps): ReactNode {
  const words = sayWords(task);
  return (
    <div className="border-t border-line bg-canvas px-4 pt-2 pb-[calc(0.5rem+env(safe-area-inset-bottom))]">
      <div className="mx-auto max-w-[48rem]">
        {task.release !== null && isWorthTelling(task.release) && (
          <p role="status" className="pb-2 text-sm text-ink-quiet">
            <ReleaseLine release={task.release} />
          </p>
        )}
        <WaitingTexts texts={task.waitingTexts} />
        {words === null ? (
          <div className="flex flex-wrap items-center justify-between gap-2 py-1 text-sm text-ink-quiet">
            <p>{whyNothing(task)}</p>
            {task.continuedBy !== null && (
              <Link {...pathTo.task(task.continuedBy)} className={buttonClass("primary")}>
                Go to the task that continues it
              </Link>
            )}
          </div>
        ) : (
          <Box task={task} words={words} />
        )}
      </div>
    </div>
  );
}

/** Its release that is to come stands in the inbox; here it is told once it is no plan any more. */
function isWorthTelling({ savingSince, releasedAt, kept, comesBack }: ReleaseView): boolean {
  return savingSince !== null || releasedAt !== null || kept !== null || comesBack;
}

const WaitingTexts = memo(function WaitingTexts({ texts }: { readonly texts: readonly string[] }): ReactNode {
  if (texts.length === 0) return null;
  return (
    <ul aria-label="Waits for the end of the turn" className="flex flex-col gap-1 pb-2 text-sm">
      {texts.map((text, index) => (
        <li key={`${index}-${text}`} className="line-clamp-2 border-l-2 border-accent pl-2">
          <span className="text-ink-quiet">Waits for the end of the turn: </span>
          {text}
        </li>
      ))}
    </ul>
  );
});

interface BoxProps extends ComposerProps {
  readonly words: SayWords;
}

function Box({ task, words }: BoxProps): ReactNode {
  const { taskId, canSay, canInterrupt } = task;
  const [text, setText] = useState(() => readDraft(taskId));
  const { say, error, pending } = useSay(taskId, () => setText(""));
  const send = (interrupt: boolean) => {
    if (text.trim() !== "" && pending === null) void say(text, interrupt);
  };
  return (
    <form
      aria-label={words.label}
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        send(false);
      }}
    >
      {error !== null && (
        <ErrorNotice what="It was not sent" error={error} kept="Your text is kept. Sent again, it is said once." />
      )}
      <textarea
        aria-label={words.label}
        aria-describedby="composer-effect"
        aria-invalid={fieldError(error, "prompt") !== null}
        data-slash=""
        rows={1}
        value={text}
        readOnly={pending !== null}
        placeholder={words.placeholder}
        onKeyDown={sendOnCtrlEnter}
        onChange={({ currentTarget }) => {
          setText(currentTarget.value);
          writeDraft(taskId, currentTarget.value);
        }}
        className={cx(controlClass, "field-sizing-content max-h-[30dvh] resize-none py-2")}
      />
      <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-2">
        <p id="composer-effect" className="min-w-0 flex-1 basis-56 text-xs text-ink-quiet">
          {words.effect} <span className="hidden pointer-fine:inline">Ctrl+Enter sends.</span>
        </p>
        <SendButtons
          words={words}
          offersInterrupt={canSay === "waits_for_the_turn" && canInterrupt}
          isEmpty={text.trim() === ""}
          pending={pending}
          onInterrupt={() => send(true)}
        />
      </div>
    </form>
  );
}

interface SendButtonsProps {
  readonly words: SayWords;
  readonly offersInterrupt: boolean;
  readonly isEmpty: boolean;
  readonly pending: Pending;
  readonly onInterrupt: () => void;
}

function SendButtons({ words, offersInterrupt, isEmpty, pending, onInterrupt }: SendButtonsProps): ReactNode {
  const cannot = isEmpty || pending !== null;
  return (
    <div className="ml-auto flex flex-wrap justify-end gap-2">
      {offersInterrupt && (
        <Button disabled={cannot} busy={pending === "interrupting" && "Interrupting"} onClick={onInterrupt}>
          Interrupt and say
        </Button>
      )}
      <Button type="submit" kind="primary" disabled={cannot} busy={pending === "sending" && words.sending}>
        {words.send}
      </Button>
    </div>
  );
}
