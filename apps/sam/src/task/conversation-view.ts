/**
 * The conversation of a task on the screen. What SAM says stands at the left edge, with its time; what an agent says
 * stands behind a gutter, always.
 */
import type { Message, MessageBody } from "@sam/protocol/message";

import { wrap } from "../terminal/cells.ts";
import { plainLine, plainText } from "../terminal/plain-text.ts";
import type { Colour } from "../terminal/style.ts";
import type { Screen } from "../terminal/terminal.ts";
import { duration, timeOfDay } from "../terminal/times.ts";
import { AgentLines, toolGutter } from "./agent-lines.ts";
import { type PlanEntry, readAgentUpdate } from "./agent-update.ts";
import { type RunningCall, ToolCalls } from "./tool-calls.ts";

const promptLines = 3;
const readableWidth = 104;
/** Time, a space, a sign, a space. */
const indent = 11;

export class ConversationView {
  readonly #screen: Screen;
  readonly #lines: AgentLines;
  readonly #tools: ToolCalls;
  #plan: readonly PlanEntry[] = [];

  constructor(screen: Screen, options: { unfolded: boolean }) {
    this.#screen = screen;
    this.#lines = new AgentLines(screen);
    this.#tools = new ToolCalls(screen, this.#lines, options.unfolded);
  }

  /** The tool call that runs at present. */
  runningCall(): RunningCall | null {
    return this.#tools.running();
  }

  show(message: Message): void {
    const { body, at } = message;
    if (body.kind === "agent_update") return this.#showUpdate(body.update, at);
    this.#lines.end();
    if (body.kind === "turn_ended") this.#tools.endTurn();
    for (const { sign, colour, text } of samLines(body, this.#plan)) this.say(at, sign, text, colour);
  }

  /** A line of SAM's own. */
  say(at: number, sign: string, text: string, colour: Colour | null = null): void {
    this.#lines.end();
    const { paint } = this.#screen;
    const width = Math.min(readableWidth, this.#screen.width() - 1) - indent;
    const [first = "", ...others] = plainText(text)
      .split("\n")
      .flatMap((line) => wrap(line, width));
    const paintSign = colour === null ? sign : paint(colour, sign);
    this.#screen.line(`${paint("grey", timeOfDay(at))} ${paintSign} ${first}`);
    for (const line of others) this.#screen.line(`${" ".repeat(indent)}${line}`.trimEnd());
  }

  end(): void {
    this.#lines.end();
  }

  #showUpdate(raw: Readonly<Record<string, unknown>>, at: number): void {
    const update = readAgentUpdate(raw);
    if (update === null) return;
    if (update.kind === "tool") this.#tools.take(update, at);
    else if (update.kind === "plan") this.#showPlan(update.entries);
    else this.#lines.write(update.text, update.kind === "thought" ? "grey" : null);
  }

  /** A plan is shown when its steps change, not at each step: the tool calls tell how far it is. */
  #showPlan(entries: readonly PlanEntry[]): void {
    const steps = (plan: readonly PlanEntry[]) => plan.map(({ content }) => content).join("\n");
    const isNew = steps(entries) !== steps(this.#plan);
    this.#plan = entries;
    if (!isNew) return;
    this.#lines.end();
    const { paint } = this.#screen;
    this.#screen.line(
      `${paint("grey", toolGutter)}plan of ${entries.length === 1 ? "1 step" : `${entries.length} steps`}`,
    );
    this.#lines.block(
      entries.map(({ content, status }) => `${boxOf(status)} ${plainLine(content)}`).join("\n"),
      "grey",
    );
  }
}

function boxOf(status: string): string {
  return status === "completed" ? "☑" : "☐";
}

interface SamLine {
  readonly sign: string;
  readonly colour: Colour | null;
  readonly text: string;
}

function samLines(
  body: Exclude<MessageBody, { kind: "agent_update" }>,
  plan: readonly PlanEntry[],
): readonly SamLine[] {
  const one = (sign: string, colour: Colour | null, text: string) => [{ sign, colour, text }];
  switch (body.kind) {
    case "prompt":
      return one("»", null, foldPrompt(body.text));
    case "step":
      return one("●", "blue", stepText(body));
    case "note":
      return one("·", "grey", body.text);
    case "turn_ended":
      return one(
        "·",
        "grey",
        `The agent ended its turn: ${body.stopReason}.${planLeft(plan)}${body.detail === null ? "" : ` ${body.detail}`}`,
      );
    case "permission":
      return one("?", "amber", `Needs you: ${body.title}\n${optionLines(body.options)}`);
    case "permission_settled":
      return one("·", "grey", `Answered by ${body.by}: ${body.optionId ?? "none of the options"}.`);
    case "receipt":
      return one("✓", null, `${body.entry.line.replaceAll("_", " ")}: ${body.entry.proof}`);
    case "failure":
      return one("✗", "red", `${body.reason}: ${body.evidence}`);
    case "verdicts":
      // They close the account of the task, all four together.
      return [];
  }
}

/** What the step waits for stands in the line below, while it does. */
function stepText({ from, to, tookMs }: Extract<MessageBody, { kind: "step" }>): string {
  return from === null || tookMs === null ? to : `${to} (${from} took ${duration(tookMs)})`;
}

function foldPrompt(text: string): string {
  const lines = plainText(text).trim().split("\n");
  const more = lines.length - promptLines;
  return more <= 1 ? lines.join("\n") : [...lines.slice(0, promptLines), `… ${more} more lines`].join("\n");
}

function planLeft(plan: readonly PlanEntry[]): string {
  const done = plan.filter(({ status }) => status === "completed").length;
  return plan.length === 0 || done === plan.length ? "" : ` ${done} of ${plan.length} steps of its plan are done.`;
}

/** Numbered, as `sam answer` takes them. */
export function optionLines(options: readonly { name: string; kind: string }[]): string {
  return options.map(({ name, kind }, index) => `${index + 1}  ${plainLine(name)} (${kind})`).join("\n");
}
