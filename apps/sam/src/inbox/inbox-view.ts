/** The inbox in words: for each task what it waits for, since when, what that costs, and what happens when nobody answers. */
import type { Inbox, InboxItem, MeanwhileCost } from "@sam/protocol/inbox-api";

import { furtherLines, questionLines } from "../task/permission-view.ts";
import { releaseLines } from "../task/release-view.ts";
import { cut } from "../terminal/cells.ts";
import { plainLine } from "../terminal/plain-text.ts";
import type { Paint } from "../terminal/style.ts";
import { ago, duration } from "../terminal/times.ts";

const titleWidth = 70;

export function inboxLines({ items, total, unreadable }: Inbox, paint: Paint, nowMs: number): readonly string[] {
  if (total === 0) return ["Nothing awaits you."];
  const oldest = items[0];
  const since = oldest === undefined ? "" : `; the oldest for ${duration(nowMs - oldest.since)}`;
  const lines = [`${total} ${total === 1 ? "task awaits" : "tasks await"} you${since}.`];
  for (const item of items) lines.push("", ...itemLines(item, paint, nowMs));
  const behind = total - items.length;
  if (behind > 0) lines.push("", `${behind} more behind them: see sam tasks --step awaiting_input`);
  if (unreadable.length > 0) {
    lines.push(`${paint("red", "✗")} Rows that could not be read: ${unreadable.map(plainLine).join(", ")}`);
  }
  return lines;
}

function itemLines(item: InboxItem, paint: Paint, nowMs: number): readonly string[] {
  const { task, projectName, wait, cost } = item;
  const where = projectName === null ? "" : `${plainLine(projectName)}, `;
  const lines = [
    `${paint("amber", "?")} ${paint("bold", cut(plainLine(task.title), titleWidth))} (${where}${plainLine(task.agentId)})`,
    `  id       ${task.taskId}`,
    ...waitLines(item, nowMs),
    `  costs    ${costText(cost, nowMs)}`,
  ];
  const deadlineAt = wait?.deadlineAt ?? task.deadlineAt;
  if (deadlineAt !== null) {
    const then = wait?.onDeadline ?? null;
    lines.push(`  limit    in ${duration(deadlineAt - nowMs)}${then === null ? "" : `: then it ${then}`}`);
  }
  if (wait?.release) lines.push(...releaseLines(wait.release, nowMs).map((line) => `  machine  ${line}`));
  return [...lines, ...howTo(item).map((line) => `  ${line}`)];
}

function waitLines({ since, waitsFor, wait }: InboxItem, nowMs: number): readonly string[] {
  const waits = `  waits    ${duration(nowMs - since)}`;
  if (wait === null || waitsFor === "unknown") return [`${waits}; its runner did not say for what`];
  const { permission, furtherPermissions } = wait;
  if (permission === null) return [`${waits} for your words: its agent's turn is over`];
  const [title = "", ...others] = questionLines(permission);
  return [
    `${waits} for an answer: ${title}`,
    ...others.map((line) => `  ${line}`),
    ...furtherLines(furtherPermissions),
  ];
}

function howTo({ task: { taskId }, waitsFor, wait }: InboxItem): readonly string[] {
  if (waitsFor === "permission") return [`Answer with: sam answer ${taskId} <number>`];
  if (waitsFor === "unknown") return [`Look with: sam task ${taskId}`];
  const deliver = wait?.canDeliver === true ? `, or end it with: sam deliver ${taskId}` : "";
  return [`Say more with: sam say ${taskId} "…"${deliver}`];
}

/** What is not nothing with its source; what is not known with its reason. */
export function costText(cost: MeanwhileCost, nowMs: number): string {
  switch (cost.kind) {
    case "no_machine":
      return "nothing: it keeps no machine";
    case "unavailable":
      return `price unavailable: ${plainLine(cost.why)} (${cost.nodeId})`;
    case "priced": {
      const { hourlyAmount, currency, source, readAt, machineType, sharedBy } = cost;
      const shared = sharedBy > 1 ? `, which ${sharedBy} tasks share` : "";
      if (hourlyAmount === 0) return `nothing for ${plainLine(machineType)}${shared}`;
      const from = `${plainLine(source)}, read ${ago(readAt, nowMs)}`;
      return `${hourlyAmount.toFixed(4)} ${plainLine(currency)} an hour for ${plainLine(machineType)}${shared} (${from})`;
    }
  }
}
