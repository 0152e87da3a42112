/** The receipt of an end: its lines in their order, each ticked when it was proven, with its proof and its time. */
import { plainLine } from "@sam/domain/plain-text";
import { receiptWords } from "@sam/domain/receipt";
import type { TaskView } from "@sam/protocol/task-api";
import type { ReactNode } from "react";

import { Age } from "../ui/Age.tsx";
import { StatusShape } from "../ui/Status.tsx";
import { ForceCancel } from "./ForceCancel.tsx";

/** @returns whether there is, or will be, a receipt to show. */
export function hasReceipt(task: TaskView): boolean {
  return task.receiptLines.length > 0;
}

export function ReceiptLines({ task }: { readonly task: TaskView }): ReactNode {
  return (
    <>
      <ol aria-label="Receipt" className="flex flex-col gap-1 text-sm">
        {task.receiptLines.map(({ line, state, at, proof }) => (
          <li key={line} className="grid grid-cols-[1rem_minmax(0,1fr)_auto] items-start gap-x-2 leading-5">
            <StatusShape meaning={state === "proven" ? "done" : "unknown"} className="mt-0.5" />
            <span>
              <span className="font-medium">{receiptWords[line]}</span>
              <span className="text-ink-quiet">
                {state === "proven" && `: ${plainLine(proof ?? "")}`}
                {state === "open" && ": not yet"}
                {state === "unproven" && ": nobody has proven it"}
              </span>
            </span>
            {at !== null && <Age at={at} className="text-xs whitespace-nowrap text-ink-quiet tabular-nums" />}
          </li>
        ))}
      </ol>
      {task.canForce && <ForceCancel taskId={task.taskId} />}
    </>
  );
}
