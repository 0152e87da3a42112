/** What SAM itself says in a conversation, as lines of its own: a sign, a colour and a text. */
import { answeredBy } from "@sam/domain/answered-by";
import { receiptWords } from "@sam/domain/receipt";
import { modelCallsText, usageScope, usageText } from "@sam/domain/usage-words";
import type { MessageBody } from "@sam/protocol/message";

import { plainText } from "../terminal/plain-text.ts";
import type { Colour } from "../terminal/style.ts";
import { duration } from "../terminal/times.ts";
import type { PlanEntry } from "./agent-update.ts";
import { diffSummary } from "./diff-view.ts";
import { answerName, type Permission } from "./permission-view.ts";

const promptLines = 3;

export interface SamLine {
  readonly sign: string;
  readonly colour: Colour | null;
  readonly text: string;
}

/** What was said before, where a message is about it. */
export interface Said {
  readonly plan: readonly PlanEntry[];
  /** The options of each question that was asked. */
  readonly options: ReadonlyMap<string, Permission["options"]>;
}

type SamBody = Exclude<MessageBody, { kind: "agent_update" | "permission" }>;

/** @returns the line of a message; null where it is shown elsewhere. */
export function samLine(body: SamBody, said: Said): SamLine | null {
  const one = (sign: string, colour: Colour | null, text: string): SamLine => ({ sign, colour, text });
  switch (body.kind) {
    case "prompt":
      return one("»", null, foldPrompt(body.text));
    case "step":
      return one("●", "blue", stepText(body));
    case "note":
      return one("·", "grey", body.text);
    case "turn_ended":
      return one("·", "grey", turnText(body, said.plan));
    case "permission_settled": {
      const answer = answerName(said.options.get(body.requestId) ?? [], body.optionId);
      return one("·", "grey", `Answered ${answeredBy(body.by)}: ${answer}.`);
    }
    case "diff":
      return one("±", null, diffSummary(body.diff));
    case "receipt":
      return one("✓", null, `${receiptWords[body.entry.line]}: ${body.entry.proof}`);
    case "failure":
      return one("✗", "red", `${body.reason}: ${body.evidence.split("\n", 1)[0] ?? ""}`);
    case "verdicts":
      // They close the account of the task, all four together.
      return null;
  }
}

/** What the step waits for stands in the line below, while it does. */
function stepText({ from, to, tookMs }: Extract<MessageBody, { kind: "step" }>): string {
  return from === null || tookMs === null ? to : `${to} (${from} took ${duration(tookMs)})`;
}

function turnText(body: Extract<MessageBody, { kind: "turn_ended" }>, plan: readonly PlanEntry[]): string {
  const { stopReason, detail, usage, model } = body;
  const sentences = [
    `The agent ended its turn: ${stopReason}.`,
    planLeft(plan),
    detail ?? "",
    usage === null ? "" : `It used ${usageText(usage)}, ${usageScope(usage, "turn")}.`,
    model === null || model.failedCalls === 0 ? "" : `${modelCallsText(model)}.`,
  ];
  return sentences.filter((sentence) => sentence !== "").join(" ");
}

function foldPrompt(text: string): string {
  const lines = plainText(text).trim().split("\n");
  const more = lines.length - promptLines;
  return more <= 1 ? lines.join("\n") : [...lines.slice(0, promptLines), `… ${more} more lines`].join("\n");
}

function planLeft(plan: readonly PlanEntry[]): string {
  const done = plan.filter(({ status }) => status === "completed").length;
  return plan.length === 0 || done === plan.length ? "" : `${done} of ${plan.length} steps of its plan are done.`;
}
