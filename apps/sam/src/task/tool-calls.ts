/** Tool calls on the screen: one line each, when it has ended, with its outcome and its time; a failure shows its end. */
import { cut } from "../terminal/cells.ts";
import { plainLine } from "../terminal/plain-text.ts";
import type { Screen } from "../terminal/terminal.ts";
import { duration } from "../terminal/times.ts";
import { type AgentLines, toolGutter } from "./agent-lines.ts";
import type { ToolUpdate } from "./agent-update.ts";

const shownLines = 12;

interface Call {
  title: string;
  readonly startedAt: number;
  output: string;
  ended: boolean;
}

export interface RunningCall {
  readonly title: string;
  readonly startedAt: number;
}

export class ToolCalls {
  readonly #screen: Screen;
  readonly #lines: AgentLines;
  /** Whether the output of a success is shown too. */
  readonly #unfolded: boolean;
  readonly #calls = new Map<string, Call>();

  constructor(screen: Screen, lines: AgentLines, unfolded: boolean) {
    this.#screen = screen;
    this.#lines = lines;
    this.#unfolded = unfolded;
  }

  /** @param at when the update was stored, in milliseconds since 1970. */
  take(update: ToolUpdate, at: number): void {
    const call = this.#calls.get(update.toolCallId) ?? { title: "a tool", startedAt: at, output: "", ended: false };
    this.#calls.set(update.toolCallId, call);
    if (update.title !== null) call.title = plainLine(update.title);
    if (update.output !== null) call.output = update.output;
    // A session that is loaded again repeats what was shown before.
    if (call.ended || (update.status !== "completed" && update.status !== "failed")) return;
    call.ended = true;
    this.#show(call, update, at);
  }

  /** The newest call that has not ended. */
  running(): RunningCall | null {
    return [...this.#calls.values()].findLast((call) => !call.ended) ?? null;
  }

  /** The turn is over: what has not ended by now is not going on any more. */
  endTurn(): void {
    for (const call of this.#calls.values()) call.ended = true;
  }

  #show(call: Call, update: ToolUpdate, at: number): void {
    const { paint } = this.#screen;
    this.#lines.end();
    const failed = update.status === "failed";
    const exit = update.exitCode === null || update.exitCode === 0 ? "" : ` · exit code ${update.exitCode}`;
    const outcome = `${failed ? " · failed" : ""}${exit} · ${duration(update.durationMs ?? at - call.startedAt)}`;
    const room = Math.min(100, this.#screen.width()) - toolGutter.length - 2 - outcome.length - 1;
    const sign = failed ? paint("red", "✗") : "✓";
    this.#screen.line(
      `${paint("grey", toolGutter)}${sign} ${cut(call.title, Math.max(10, room))}${paint("grey", outcome)}`,
    );
    if ((failed || this.#unfolded) && call.output.trim() !== "") this.#showOutput(call.output, failed);
  }

  #showOutput(output: string, failed: boolean): void {
    const lines = output.trimEnd().split("\n");
    const shown = failed ? lines.slice(-shownLines) : lines;
    if (shown.length < lines.length) this.#lines.block(`… ${lines.length - shown.length} lines before`, "grey");
    this.#lines.block(shown.join("\n"), "grey");
  }
}
