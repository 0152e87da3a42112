/**
 * The receipt of a task that lets its machine go, line by line: what is proven, with its proof; what is still open; and what
 * nobody could prove before its time was over. A line that is not proven is never left out.
 */
import type { ReceiptLine } from "./node-task.ts";
import type { TaskFacts } from "./task-facts.ts";
import { isFinal } from "./task-lifecycle.ts";

/** In the order in which they are proven. */
export const receiptLines: readonly ReceiptLine[] = [
  "signal_sent",
  "processes_gone",
  "workspace_saved",
  "workspace_removed",
  "machine_released",
];

/** What each line is called, on a screen and in a terminal. */
export const receiptWords: { readonly [Line in ReceiptLine]: string } = {
  signal_sent: "signal sent",
  processes_gone: "processes gone",
  workspace_saved: "work saved",
  workspace_removed: "workspace removed",
  machine_released: "machine released",
};

export interface ReceiptLineState {
  readonly line: ReceiptLine;
  /** `open`: SAM waits for it. `unproven`: the task ended without it; where a machine is still claimed SAM goes on. */
  readonly state: "proven" | "open" | "unproven";
  readonly at: number | null;
  readonly proof: string | null;
}

/** @returns every line, in its order; none for a task that works. */
export function receiptOf(facts: TaskFacts): readonly ReceiptLineState[] {
  const { step, cancel, receipt, nodeId } = facts;
  if (!isFinal(step) && step !== "cancelling") return [];
  if (cancel === null && receipt.length === 0 && nodeId === null) return [];
  const isOver = cancel === null ? nodeId === null : step !== "cancelling";
  // Of its machine's release only a cancel gives an account.
  const lines = cancel === null ? receiptLines.filter((line) => line !== "machine_released") : receiptLines;
  return lines.map((line) => {
    const entry = receipt.find((proven) => proven.line === line);
    if (entry !== undefined) return { line, state: "proven", at: entry.at, proof: entry.proof };
    return { line, state: isOver ? "unproven" : "open", at: null, proof: null };
  });
}
