/** Whoever tells a person, or a program, how a task goes. */
import { isFinal } from "@sam/domain/task-lifecycle";
import { modelFailureText } from "@sam/domain/usage-words";
import { allVerdictsHold } from "@sam/domain/verdicts";
import type { Message } from "@sam/protocol/message";
import type { TaskView } from "@sam/protocol/task-api";

import { type ExitCode, exitCodes } from "../exit-code.ts";
import { printJson } from "../terminal/json-output.ts";
import { plainLine, plainText } from "../terminal/plain-text.ts";
import { shellWord } from "../terminal/shell-word.ts";
import type { Screen } from "../terminal/terminal.ts";
import { duration, runningClock, timeOfDay } from "../terminal/times.ts";
import { ConversationView } from "./conversation-view.ts";
import { resultLines } from "./verdict-view.ts";

export interface TaskReporter {
  submitted(task: TaskView): void;
  message(message: Message): void;
  task(task: TaskView): void;
  lost(since: number): void;
  back(since: number): void;
  /** The task has ended. */
  result(task: TaskView): void;
  /** Nothing more comes. */
  close(): void;
}

/** @returns the exit code that a task's final step stands for. */
export function exitCodeOf(task: TaskView): ExitCode {
  if (task.step === "completed") return exitCodes.completed;
  return task.step === "cancelled" ? exitCodes.cancelled : exitCodes.failed;
}

/** JSON lines: `submitted`, `message`, `task`, `contact_lost`, `contact_back`, and at the end `result`. */
export class JsonReporter implements TaskReporter {
  submitted(task: TaskView): void {
    printJson({ type: "submitted", task });
  }
  message(message: Message): void {
    printJson({ type: "message", message });
  }
  task(task: TaskView): void {
    printJson({ type: "task", task });
  }
  lost(since: number): void {
    printJson({ type: "contact_lost", since });
  }
  back(since: number): void {
    printJson({ type: "contact_back", since });
  }
  result(task: TaskView): void {
    const allHold = isFinal(task.step) && allVerdictsHold(task.verdicts);
    printJson({ type: "result", step: task.step, exitCode: exitCodeOf(task), allVerdictsHold: allHold, task });
  }
  close(): void {}
}

const redrawMs = 500;

export class ScreenReporter implements TaskReporter {
  readonly #screen: Screen;
  readonly #view: ConversationView;
  readonly #timer: NodeJS.Timeout;
  #task: TaskView | null = null;
  #lostAt: number | null = null;

  constructor(screen: Screen, options: { unfolded: boolean }) {
    this.#screen = screen;
    this.#view = new ConversationView(screen, options);
    this.#timer = setInterval(() => this.#drawStatus(), redrawMs);
    this.#timer.unref();
  }

  submitted(task: TaskView): void {
    const { paint } = this.#screen;
    this.#screen.line(
      `${paint("bold", task.taskId)} on ${plainLine(task.repository.url)} by ${plainLine(task.agentId)}`,
    );
  }

  message(message: Message): void {
    this.#view.show(message);
  }

  task(task: TaskView): void {
    this.#task = task;
    this.#drawStatus();
  }

  lost(since: number): void {
    this.#lostAt = since;
    this.#view.say(
      since,
      "○",
      "No contact with the control plane from here on; it is dialled again by itself.",
      "grey",
    );
  }

  back(since: number): void {
    this.#lostAt = null;
    this.#view.say(
      Date.now(),
      "○",
      `Contact is back after ${duration(Date.now() - since)}; nothing was missed.`,
      "grey",
    );
  }

  result(task: TaskView): void {
    this.close();
    this.#screen.line("");
    for (const line of resultLines(task, this.#screen.paint)) this.#screen.line(line);
    if (task.verdicts.pushed?.holds === true) {
      const [from, branch] = [task.repository.url, task.branch].map((text) => shellWord(plainText(text)));
      this.#screen.line(`  get it    git fetch ${from} ${branch}`);
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#view.end();
    this.#screen.status(null);
  }

  #drawStatus(): void {
    const task = this.#task;
    if (task === null || task.final) return this.#screen.status(null);
    if (this.#lostAt !== null) return this.#screen.status(`○ unknown since ${timeOfDay(this.#lostAt)}: no contact`);
    this.#screen.status(statusLine(task, this.#view.runningCall(), Date.now()));
  }
}

/** The step, its age, what it waits for, and what happens next. */
export function statusLine(task: TaskView, call: { title: string; startedAt: number } | null, nowMs: number): string {
  const parts = [`● ${task.step} for ${runningClock(nowMs - task.clocks.inStateSince)}`];
  if (call !== null && task.step === "running") parts.push(`${call.title} (${runningClock(nowMs - call.startedAt)})`);
  else if (task.waitsFor !== null) parts.push(`waits for ${task.waitsFor}`);
  if (task.modelTrouble !== null) {
    const { since, failure } = task.modelTrouble;
    parts.push(`no answer of the model for ${runningClock(nowMs - since)} (${modelFailureText(failure)})`);
  }
  if (task.stalledSince !== null) parts.push(`no progress for ${runningClock(nowMs - task.stalledSince)}`);
  if (task.queuePlace !== null) parts.push(`place ${task.queuePlace} in the queue`);
  if (task.deadlineAt !== null) parts.push(`limit in ${runningClock(task.deadlineAt - nowMs)}`);
  return parts.join(" · ");
}
