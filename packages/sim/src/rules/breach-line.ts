/** A breach in one line, for the terminal and for a trace. */
import type { WorldBreach } from "./hold-rules.ts";

/** @returns such as `rule 9, nothing is left running: task_…: it …`. */
export function lineOf({ rule, name, about, what }: WorldBreach): string {
  return `rule ${rule}, ${name}: ${about}: ${what}`;
}
