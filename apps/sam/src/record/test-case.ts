/**
 * A recorded task as a test case: a file for vitest that decides the task's events again and holds the rules against it.
 * It says what is true today, so that whoever changes that sees it. Of the conversation only what the rules ask after is in it.
 */
import type { TaskExport } from "@sam/protocol/task-export";

import { dateAndTime } from "../terminal/times.ts";
import { reportOn } from "./replay-report.ts";

/** @returns the text of the file. */
export function testCaseOf(exported: TaskExport): string {
  const { taskId } = exported.task.request;
  const { task, rules } = reportOn(exported);
  const broken = rules.flatMap(({ rule, breaches }) => breaches.map(({ about, what }) => ({ rule, about, what })));
  return `/**
 * ${taskId} as it was recorded ${dateAndTime(exported.exportedAt)} by SAM ${exported.samVersion.replaceAll("*/", "")}.
 * Made by \`sam replay --as-test\`; its words may be those of an agent.
 */
import { checkExport, redecideExport } from "@sam/protocol/recorded-task";
import { readTaskExport } from "@sam/protocol/task-export";
import { expect, it } from "vitest";

const recorded = readTaskExport(String.raw\`${embedded(trimmed(exported))}\`);

it("is decided as it was recorded", () => {
  const { decided, differences } = redecideExport(recorded);
  expect(decided).toBe(${task.decided});
  expect(differences).toEqual(JSON.parse(String.raw\`${embedded(task.differences)}\`));
});

it("keeps the ten rules as far as they can be seen", () => {
  const breaches = checkExport(recorded).flatMap(({ rule, breaches: own }) =>
    own.map(({ about, what }) => ({ rule, about, what })),
  );
  expect(breaches).toEqual(JSON.parse(String.raw\`${embedded(broken)}\`));
});
`;
}

/** Without the agent's own words and the provider's calls: nothing is decided by them. */
function trimmed(exported: TaskExport): TaskExport {
  const messages = exported.task.messages.map((message) =>
    message.body.kind === "agent_update"
      ? { ...message, body: { ...message.body, update: {} } }
      : message.body.kind === "diff"
        ? { ...message, body: { ...message.body, diff: { ...message.body.diff, patch: "" } } }
        : message,
  );
  const nodes = exported.nodes.map((node) => ({ ...node, providerCalls: [] }));
  return { ...exported, nodes, task: { ...exported.task, messages } };
}

/** JSON that stands in a template: what would end it, or begin a part of its own, is written as JSON's own escape. */
function embedded(value: unknown): string {
  return JSON.stringify(value, null, 1).replaceAll("`", "\\u0060").replaceAll("$", "\\u0024");
}
