/**
 * The conversation of a task on the screen. What SAM says stands at the left edge, with its time; what an agent says
 * stands behind a gutter, always.
 */
import type { Message, MessageBody } from "@sam/protocol/message";

import { wrap } from "../terminal/cells.ts";
import { plainLine, plainText } from "../terminal/plain-text.ts";
import type { Colour } from "../terminal/style.ts";
import type { Screen } from "../terminal/terminal.ts";
import { timeOfDay } from "../terminal/times.ts";
import { AgentLines, toolGutter } from "./agent-lines.ts";
import { type AgentUpdate, type PlanEntry, readAgentUpdate } from "./agent-update.ts";
import { detailOf, optionLines, type Permission, questionTitle } from "./permission-view.ts";
import { samLine } from "./sam-lines.ts";
import { type RunningCall, ToolCalls } from "./tool-calls.ts";

const detailLines = 20;
const readableWidth = 104;
/** Time, a space, a sign, a space. */
const indent = 11;

export class ConversationView {
  readonly #screen: Screen;
  readonly #lines: AgentLines;
  #messageId: string | null = null;
  readonly #tools: ToolCalls;
  readonly #options = new Map<string, Permission["options"]>();
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
    if (body.kind === "permission") return this.#showQuestion(body, at);
    if (body.kind === "turn_ended") this.#tools.endTurn();
    const line = samLine(body, { plan: this.#plan, options: this.#options });
    if (line !== null) this.say(at, line.sign, line.text, line.colour);
    if (body.kind === "failure") this.#showEvidence(body.evidence);
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

  /** What the agent would do stands behind the gutter, since it is the agent's own text. */
  #showQuestion(question: Extract<MessageBody, { kind: "permission" }>, at: number): void {
    this.#options.set(question.requestId, question.options);
    this.say(at, "?", `Asks for permission: ${questionTitle(question)}`, "amber");
    const detail = detailOf(question);
    if (detail !== null) this.#showDetail(detail);
    for (const line of optionLines(question.options)) this.#screen.line(`${" ".repeat(indent)}${line}`);
  }

  /** Its first line is SAM's; below it stands what others printed. */
  #showEvidence(evidence: string): void {
    const printed = evidence.trimEnd().split("\n").slice(1);
    if (printed.length > 0) this.#lines.block(printed.join("\n"), "grey");
  }

  #showDetail(lines: readonly string[]): void {
    this.#lines.block(lines.slice(0, detailLines).join("\n"), null);
    const more = lines.length - detailLines;
    if (more > 0) this.#lines.block(`… ${more} more lines; sam answer shows them all`, "grey");
  }

  #showUpdate(raw: Readonly<Record<string, unknown>>, at: number): void {
    const update = readAgentUpdate(raw);
    if (update === null) return;
    if (update.kind === "tool") this.#tools.take(update, at);
    else if (update.kind === "plan") this.#showPlan(update.entries);
    else this.#showText(update);
  }

  /** An agent that says which message a piece is of has each begin on a line of its own. */
  #showText({ kind, text, messageId }: Extract<AgentUpdate, { readonly text: string }>): void {
    // An empty piece carries something else, such as usage.
    if (text === "") return;
    if (messageId !== this.#messageId) this.#lines.end();
    this.#messageId = messageId;
    this.#lines.write(text, kind === "thought" ? "grey" : null);
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
