/** A prompter asks the person at the keyboard for what a watched task wants, and hands on what they say. */
import type { TaskView } from "@sam/protocol/task-api";

import { ApiError } from "../client/api-error.ts";
import type { CommandContext } from "../command-context.ts";
import { plainText } from "../terminal/plain-text.ts";
import { ask } from "../terminal/question.ts";
import { answerPrompt, readAnswer, readWords, wordsPrompt } from "./prompts.ts";
import { type Wanted, wantedOf } from "./wanted.ts";

export interface PrompterOptions {
  readonly taskId: string;
  /** The person turns away from the task. */
  leave(): void;
}

export class Prompter {
  readonly #context: CommandContext;
  readonly #options: PrompterOptions;
  #wanted: Wanted | null = null;
  #standing: { readonly key: string; readonly withdraw: AbortController } | null = null;
  /** What was given, or is left open on purpose: not asked for again. */
  #settledKey: string | null = null;
  #paused = false;

  constructor(context: CommandContext, options: PrompterOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** Takes note of how the task stands: a question that somebody else settled is withdrawn. */
  update(task: TaskView): void {
    this.#wanted = wantedOf(task);
    if (this.#standing !== null && this.#standing.key !== this.#wanted?.key) this.#withdraw();
    this.#look();
  }

  /** Makes room for another question. */
  pause(): void {
    this.#paused = true;
    this.#withdraw();
  }

  resume(): void {
    this.#paused = false;
    this.#look();
  }

  #withdraw(): void {
    this.#standing?.withdraw.abort();
    this.#standing = null;
  }

  #look(): void {
    const wanted = this.#wanted;
    if (wanted === null || this.#paused || this.#standing !== null || wanted.key === this.#settledKey) return;
    const withdraw = new AbortController();
    this.#standing = { key: wanted.key, withdraw };
    void this.#ask(wanted, withdraw.signal);
  }

  async #ask(wanted: Wanted, signal: AbortSignal): Promise<void> {
    const give = wanted.kind === "answer" ? await this.#askAnswer(wanted, signal) : await this.#askWords(signal);
    if (give === null || signal.aborted) return;
    this.#standing = null;
    this.#settledKey = wanted.key;
    try {
      await give();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#context.terminal.line(`${this.#context.terminal.paint("red", "✗")} ${plainText(message)}`);
      // Somebody else was first: the task itself tells what became of it.
      if (error instanceof ApiError && error.code === "not_allowed_now") return;
      this.#settledKey = null;
      this.#look();
    }
  }

  async #askAnswer(wanted: Extract<Wanted, { kind: "answer" }>, signal: AbortSignal) {
    const { terminal, api } = this.#context;
    const { permission } = wanted;
    const { taskId } = this.#options;
    const answer = await ask(terminal, {
      prompt: answerPrompt(permission),
      signal,
      read: (text) => readAnswer(permission, text),
    });
    if (answer === null) return null;
    return async () => {
      if (answer.kind === "leave") return terminal.line(`Left open. Answer it with: sam answer ${taskId} <number>`);
      await api.answer(taskId, { requestId: permission.requestId, optionId: answer.optionId });
    };
  }

  async #askWords(signal: AbortSignal) {
    const { terminal, api } = this.#context;
    const { taskId } = this.#options;
    const words = await ask(terminal, { prompt: wordsPrompt, signal, read: readWords });
    if (words === null) return null;
    return async () => {
      if (words.kind === "leave") this.#options.leave();
      else if (words.kind === "deliver") await api.deliver(taskId);
      else if (words.kind === "cancel") await api.cancel(taskId);
      else await api.say(taskId, { prompt: words.text });
    };
  }
}
