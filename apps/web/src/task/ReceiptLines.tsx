/** The receipt of an end: its lines in their order, each ticked when it was proven, with its proof and its time. */
import type { ReceiptLine } from "@sam/domain/node-task";
import type { TaskView } from "@sam/protocol/task-api";
import type { ReactNode } from "react";

import { plainLine } from "../conversation/plain-text.ts";
import { Age } from "../ui/Age.tsx";
import { StatusShape } from "../ui/Status.tsx";

const lines: readonly { readonly line: ReceiptLine; readonly word: string }[] = [
  { line: "signal_sent", word: "signal sent" },
  { line: "processes_gone", word: "processes gone" },
  { line: "workspace_saved", word: "work saved" },
  { line: "workspace_removed", word: "workspace removed" },
  { line: "machine_released", word: "machine released" },
];

/** @returns whether there is, or will be, a receipt to show. */
export function hasReceipt(task: TaskView): boolean {
  return task.receipt.length > 0 || task.step === "cancelling";
}

export function ReceiptLines({ task }: { readonly task: TaskView }): ReactNode {
  const { receipt, unproven, final } = task;
  return (
    <ol aria-label="Receipt" className="flex flex-col gap-1 text-sm">
      {lines.map(({ line, word }) => {
        const entry = receipt.find((one) => one.line === line);
        if (entry === undefined && final && !unproven.includes(line)) return null;
        const isUnproven = unproven.includes(line);
        return (
          <li key={line} className="grid grid-cols-[1rem_minmax(0,1fr)_auto] items-start gap-x-2 leading-5">
            <StatusShape meaning={entry === undefined ? "unknown" : "done"} className="mt-0.5" />
            <span>
              <span className="font-medium">{word}</span>
              <span className="text-ink-quiet">
                {entry !== undefined && `: ${plainLine(entry.proof)}`}
                {entry === undefined && (isUnproven ? ": nobody has proven it" : ": not yet")}
              </span>
            </span>
            {entry !== undefined && (
              <Age at={entry.at} className="text-xs whitespace-nowrap text-ink-quiet tabular-nums" />
            )}
          </li>
        );
      })}
    </ol>
  );
}
