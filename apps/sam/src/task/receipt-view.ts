/** The receipt in words: what is not proven is a line like what is. */
import { receiptWords } from "@sam/domain/receipt";
import type { TaskView } from "@sam/protocol/task-api";

import { plainLine } from "../terminal/plain-text.ts";
import type { Paint } from "../terminal/style.ts";
import { timeOfDay } from "../terminal/times.ts";

/** @returns a line for each of the receipt that nobody has proven. */
export function unprovenLines({ receiptLines }: Pick<TaskView, "receiptLines">): readonly string[] {
  return receiptLines.flatMap(({ line, state }) =>
    state === "proven"
      ? []
      : [`${" ".repeat(8)} ○ ${named(line)} ${state === "open" ? "not yet" : "nobody has proven it"}`],
  );
}

/** @returns every line, in its order. */
export function receiptLinesText({ receiptLines }: Pick<TaskView, "receiptLines">, paint: Paint): readonly string[] {
  return receiptLines.map(({ line, state, at, proof }) => {
    if (state === "proven" && at !== null) {
      return `${paint("grey", timeOfDay(at))} ✓ ${named(line)} ${plainLine(proof ?? "")}`;
    }
    const what = state === "open" ? "not yet" : "nobody has proven it";
    return `${" ".repeat(8)} ○ ${named(line)} ${what}`;
  });
}

function named(line: TaskView["receiptLines"][number]["line"]): string {
  return receiptWords[line].padEnd(17);
}
