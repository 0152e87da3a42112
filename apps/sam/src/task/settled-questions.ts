/** The questions of a task that are answered, from its conversation: what was asked, who answered what, and when. */
import { answeredBy } from "@sam/domain/answered-by";
import type { Message } from "@sam/protocol/message";

import type { ApiClient } from "../client/api-client.ts";
import { timeOfDay } from "../terminal/times.ts";
import { answerName, questionTitle } from "./permission-view.ts";

export interface SettledQuestion {
  readonly requestId: string;
  readonly title: string;
  readonly optionId: string | null;
  readonly answer: string;
  readonly by: string;
  readonly at: number;
}

/** @returns every message of the task, page by page. */
export async function* eachMessage(api: ApiClient, taskId: string): AsyncGenerator<Message> {
  for (let seq = 0; ;) {
    const page = await api.messages(taskId, seq);
    yield* page.messages;
    seq = page.messages.at(-1)?.seq ?? page.lastSeq;
    if (seq >= page.lastSeq) return;
  }
}

/** @returns those that are settled, oldest first. */
export async function settledQuestions(api: ApiClient, taskId: string): Promise<readonly SettledQuestion[]> {
  const asked = new Map<string, Extract<Message["body"], { kind: "permission" }>>();
  const settled: SettledQuestion[] = [];
  for await (const { at, body } of eachMessage(api, taskId)) {
    if (body.kind === "permission") asked.set(body.requestId, body);
    if (body.kind !== "permission_settled") continue;
    const question = asked.get(body.requestId);
    settled.push({
      requestId: body.requestId,
      title: question === undefined ? "a question" : questionTitle(question),
      optionId: body.optionId,
      answer: answerName(question?.options ?? [], body.optionId),
      by: body.by,
      at,
    });
  }
  return settled;
}

/** Such as `by you at 14:02:03: Yes (allow_once)`. */
export function settledText({ by, at, answer }: SettledQuestion): string {
  return `${answeredBy(by)} at ${timeOfDay(at)}: ${answer}`;
}
