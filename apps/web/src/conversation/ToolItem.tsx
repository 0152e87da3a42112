/** A tool call: one line with its outcome and its time, that opens in place. What it printed is text, whatever it holds. */
import { plainLine, plainText } from "@sam/domain/plain-text";
import { memo, type ReactNode } from "react";

import { ToolDiffs } from "../task/ToolDiffs.tsx";
import { durationText } from "../time/words.ts";
import { Duration } from "../ui/Age.tsx";
import { cx } from "../ui/cx.ts";
import { Icon } from "../ui/Icon.tsx";
import { StatusShape } from "../ui/Status.tsx";
import { FoldedLines } from "./Folded.tsx";
import type { CallOutcome, ToolCall } from "./item.ts";
import { useOpen } from "./open-rows.ts";
import { terminalText } from "./terminal-text.ts";
import { callDurationMs, insideWorkspace, unfenced } from "./tool-call.ts";

const outcomeWords: Readonly<Record<CallOutcome, string>> = {
  running: "running",
  completed: "completed",
  failed: "failed",
  silent: "no end was reported",
};

/** A completed call proves nothing of the work: its mark is not green. */
function OutcomeMark({ outcome }: { readonly outcome: CallOutcome }): ReactNode {
  switch (outcome) {
    case "running":
      return <StatusShape meaning="active" />;
    case "failed":
      return <StatusShape meaning="failed" />;
    case "silent":
      return <StatusShape meaning="unknown" />;
    case "completed":
      return <Icon name="check" className="size-4 shrink-0 text-ink-quiet" />;
  }
}

export const ToolLine = memo(function ToolLine({
  callKey,
  call,
}: {
  readonly callKey: string;
  readonly call: ToolCall;
}) {
  const [isOpen, toggle] = useOpen(callKey);
  const title = insideWorkspace(plainLine(call.title));
  return (
    <div>
      <div className="flex items-center gap-2">
        <button
          type="button"
          aria-expanded={isOpen}
          aria-label={toolLabel(call)}
          onClick={toggle}
          className="touch flex min-w-0 flex-1 items-center gap-2 rounded-sm text-left hover:bg-sunken"
        >
          <OutcomeMark outcome={call.outcome} />
          <span
            className={cx("min-w-0 flex-1 font-mono text-xs leading-5", isOpen ? "whitespace-pre-wrap" : "truncate")}
          >
            {title}
          </span>
        </button>
        <span
          className={cx("shrink-0 text-xs tabular-nums", call.outcome === "failed" ? "text-failed" : "text-ink-quiet")}
        >
          {call.outcome === "failed" && "failed "}
          {call.exitCode !== null && call.exitCode !== 0 && `exit ${call.exitCode} `}
          {call.outcome === "silent" && "no end reported "}
          <Took call={call} />
        </span>
      </div>
      {isOpen && <ToolDetails call={call} title={title} />}
    </div>
  );
});

/** Such as "npm test, completed, 2 s". */
export function toolLabel(call: ToolCall): string {
  const durationMs = callDurationMs(call);
  const took = durationMs === null ? "" : `, ${durationText(durationMs)}`;
  const exit = call.exitCode === null || call.exitCode === 0 ? "" : `, exit code ${call.exitCode}`;
  return `Tool call: ${insideWorkspace(plainLine(call.title))}, ${outcomeWords[call.outcome]}${exit}${took}`;
}

function Took({ call }: { readonly call: ToolCall }): ReactNode {
  const durationMs = callDurationMs(call);
  if (durationMs !== null) return durationText(durationMs);
  return <Duration since={call.startedAt} until={null} />;
}

const outputLines = 40;
const inputLines = 12;
const blockClass =
  "max-h-[28rem] overflow-auto rounded-sm border border-line bg-sunken p-2 font-mono text-xs leading-5 whitespace-pre-wrap";

function ToolDetails({ call, title }: { readonly call: ToolCall; readonly title: string }): ReactNode {
  const output = unfenced(terminalText(call.output));
  const input = call.input === null ? "" : plainText(call.input);
  const places = call.places
    .map((place) => insideWorkspace(plainLine(place)))
    .filter((place) => !title.includes(place));
  const saysInput = input !== "" && call.diffs.length === 0 && plainLine(input) !== title;
  const isEmpty = output.trim() === "" && call.diffs.length === 0;
  return (
    <div className="flex flex-col gap-2 pt-1 pb-3 pl-6">
      {places.length > 0 && <p className="font-mono text-xs text-ink-quiet">{places.join("  ")}</p>}
      {saysInput && (
        <FoldedLines
          label="What it was called with"
          text={input}
          shownLines={inputLines}
          from="start"
          className={blockClass}
        />
      )}
      {output.trim() !== "" && (
        <FoldedLines label="What it printed" text={output} shownLines={outputLines} className={blockClass} />
      )}
      {call.diffs.length > 0 && <ToolDiffs diffs={call.diffs} />}
      {isEmpty && (
        <p className="text-xs text-ink-quiet">
          {call.outcome === "running" ? "It has printed nothing yet." : "It printed nothing."}
        </p>
      )}
    </div>
  );
}
