/** Who gave an answer, in words. */
import { plainLine } from "./plain-text.ts";

/** @param by as the conversation has it: a user, `policy:<policy>`, `agent` or `sam`. */
export function answeredBy(by: string): string {
  if (by.startsWith("policy:")) return `by the policy “${plainLine(by.slice("policy:".length)).replaceAll("_", " ")}”`;
  if (by === "agent") return "by the agent, which took it back";
  if (by === "sam") return "by SAM, since nobody could answer any more";
  // A task is shown to its owner alone.
  return "by you";
}
