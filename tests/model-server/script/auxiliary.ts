/**
 * An auxiliary call is one that an agent makes beside its work: for a title, a summary, a suggestion, a verdict on a command.
 * It quotes the prompt, and the script in it must not be taken for an order.
 */
import { hasToolFor } from "../tools/tool-call.ts";
import type { Conversation } from "./conversation.ts";

/** How those begin that declare the same tools as the work does. */
const openings = [
  // Qwen Code: what a person may type next, and what is worth remembering.
  /^\[SUGGESTION MODE/,
  /^Managed memory has /,
];

/** @returns whether the agent wants something else than work. */
export function isAuxiliary({ tools, turns }: Conversation): boolean {
  // Who has nothing to write, read or run with wants no work done.
  if (!hasToolFor("run", tools) && !hasToolFor("write", tools)) return true;
  const last = turns.findLast(({ kind }) => kind === "user");
  return last?.kind === "user" && openings.some((opening) => opening.test(last.text));
}
