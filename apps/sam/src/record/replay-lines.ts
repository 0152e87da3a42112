/** An export in the order of time, as a person reads it: when, who, and what; and below it the clocks as they stood then. */
import type { TaskExport } from "@sam/protocol/task-export";

import { samLine } from "../task/sam-lines.ts";
import type { Colour } from "../terminal/style.ts";
import { ago, duration, timeOfDay } from "../terminal/times.ts";
import { agentTurns } from "./agent-turns.ts";
import { counted, words } from "./replay-words.ts";

export interface ReplayLine {
  readonly at: number;
  readonly who: "runner" | "node" | "provider" | "agent" | "user" | "SAM" | "effect";
  readonly text: string;
  readonly colour: Colour | null;
  /** What stands below it, quietly; null: nothing. */
  readonly below: string | null;
}

type Entry = TaskExport["task"]["record"]["entries"][number];
type NodeEntry = TaskExport["nodes"][number]["record"]["entries"][number];
type Effect = TaskExport["task"]["effects"][number];

/** @returns the lines, oldest first; of the same moment what was decided stands before what was said about it. */
export function replayLines({ task, nodes }: TaskExport): readonly ReplayLine[] {
  const effects = [
    ...failedEffects("runner", task.effects),
    ...nodes.flatMap(({ effects: own }) => failedEffects("node", own)),
  ];
  const lines = [
    ...task.record.entries.flatMap(runnerLines),
    ...nodes.flatMap(({ record }) => record.entries.flatMap(nodeLines)),
    ...nodes.flatMap(({ providerCalls }) => providerCalls.map(providerLine)),
    ...effects,
    ...saidLines(task.messages),
  ];
  return lines.toSorted((one, other) => one.at - other.at);
}

function runnerLines(entry: Entry): ReplayLine[] {
  const { at, outcome, after, lulls, atLast } = entry;
  const line = {
    at,
    who: "runner",
    text: `${causeOf(entry)}${whatFollows(outcome)}`,
    below: clocksText(after, at),
  } as const;
  const colour = outcome.transitions.length > 0 ? "bold" : null;
  const quiet = lulls.map((lull): ReplayLine => {
    const until = `until ${timeOfDay(lull.lastAt)}`;
    const text = `${counted(lull.count, words(lull.kind))} that moved a clock at most, ${until}`;
    const below = atLast === null || lull !== lulls.at(-1) ? null : clocksText(atLast, lull.lastAt);
    return { at: lull.firstAt, who: "runner", text, colour: "grey", below };
  });
  return [{ ...line, colour }, ...quiet];
}

function causeOf({ type, event, notKept }: Entry): string {
  if (event?.type === "vm_agent") return `VM agent: ${reportWords(event.event)}`;
  return notKept === null ? words(type) : `${words(type)} (${notKept})`;
}

type VmAgentEvent = Extract<NonNullable<Entry["event"]>, { type: "vm_agent" }>["event"];

function reportWords(event: VmAgentEvent): string {
  if ("phase" in event) return `${words(event.type)}, ${words(event.phase)}`;
  if (event.type === "receipt") return `receipt, ${words(event.line)}`;
  if (event.type === "command_failed") return `${words(event.command)} failed: ${event.reason}`;
  return words(event.type);
}

function whatFollows({ transitions, effects }: Entry["outcome"]): string {
  const steps = transitions.map(({ to, cause }) => ` → ${to} (${words(cause)})`);
  const asked = effects.map(({ key, kind }) => `${words(kind)} (${key})`);
  return `${steps.join("")}${asked.length === 0 ? "" : `; asks for ${asked.join(", ")}`}`;
}

function clocksText({ step, clocks, deadlineAt, progressDeadlineAt }: Entry["after"], at: number): string {
  const since = (instant: number | null) => (instant === null ? "none" : ago(instant, at));
  const parts = [
    `${step} for ${duration(at - clocks.inStateSince)}`,
    `progress ${since(clocks.lastProgressAt)}`,
    `contact ${since(clocks.lastContactAt)}`,
  ];
  if (deadlineAt !== null) parts.push(`deadline ${timeOfDay(deadlineAt)}`);
  if (progressDeadlineAt !== null) parts.push(`without progress ${timeOfDay(progressDeadlineAt)}`);
  if (clocks.frozenAt !== null) parts.push("frozen");
  return parts.join(" · ");
}

function nodeLines({ at, type, outcome, after, lulls }: NodeEntry): ReplayLine[] {
  const beats = lulls.map(({ kind, count, lastAt }) => `${counted(count, words(kind))} until ${timeOfDay(lastAt)}`);
  const status = after.serverStatus === null ? "" : `, its server ${after.serverStatus}`;
  const text = `${words(type)}${whatFollows(outcome)}`;
  const below = [`${after.state}${status}`, `${counted(after.claims.length, "task")} on it`, ...beats].join(" · ");
  return [{ at, who: "node", text, colour: null, below }];
}

type Call = TaskExport["nodes"][number]["providerCalls"][number];

function providerLine({ at, lastAt, count, call, asked, tookMs, failed, reply }: Call): ReplayLine {
  const again = count === 1 ? "" : ` ${count} times, until ${timeOfDay(lastAt)}`;
  const text = `${call}(${JSON.stringify(asked)})${again}, in ${duration(tookMs)}: ${JSON.stringify(reply)}`;
  return { at, who: "provider", text, colour: failed ? "red" : null, below: null };
}

/** An effect that was done at its first try is told by what asked for it. */
function failedEffects(whose: string, effects: readonly Effect[]): ReplayLine[] {
  return effects.flatMap(({ key, intent, tries, doneAt, nextTryAt, lastError }): ReplayLine[] => {
    if (lastError === null && doneAt !== null) return [];
    const done = doneAt === null ? "still owed" : `done ${timeOfDay(doneAt)}`;
    const text = `${words(intent.kind)} (${key} of the ${whose}): ${counted(tries, "try", "tries")}, ${done}`;
    const below = lastError === null ? null : `it failed with: ${lastError}`;
    return [{ at: doneAt ?? nextTryAt ?? 0, who: "effect", text, colour: doneAt === null ? "amber" : null, below }];
  });
}

function saidLines(messages: TaskExport["task"]["messages"]): ReplayLine[] {
  const said = { plan: [], options: new Map() };
  const own = messages.flatMap(({ at, author, body }): ReplayLine[] => {
    // Steps are told by the runner, with their cause and their clocks.
    if (body.kind === "agent_update" || body.kind === "step") return [];
    if (body.kind === "verdicts")
      return [{ at, who: "SAM", text: verdictText(body.verdicts), colour: null, below: null }];
    if (body.kind === "permission") {
      return [{ at, who: "agent", text: `asks: ${body.title}`, colour: "amber", below: body.detail }];
    }
    const line = samLine(body, said);
    const who = author === "user" ? "user" : "SAM";
    return line === null ? [] : [{ at, who, text: line.text, colour: line.colour, below: null }];
  });
  return [...own, ...agentTurns(messages)];
}

function verdictText({ ended, produced, checked, pushed }: Extract<Body, { kind: "verdicts" }>["verdicts"]): string {
  const marks = [
    ["ended", ended?.holds],
    ["produced", produced?.holds],
    ["pushed", pushed?.holds],
  ] as const;
  const texts = marks.map(([name, holds]) => `${name}: ${holds === undefined ? "not known" : holds ? "yes" : "no"}`);
  return [...texts, `checked: ${checked?.outcome.replaceAll("_", " ") ?? "not known"}`].join(", ");
}

type Body = TaskExport["task"]["messages"][number]["body"];
