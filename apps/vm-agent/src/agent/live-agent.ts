/**
 * A live agent is one start of a task's agent, from its process to its end. Its end is reported exactly once: as
 * `agent_gone` where it should have lived on, not at all where it was ended on command.
 */
import type { TaskId } from "@sam/domain/ids";
import type { NodeTaskEvent } from "@sam/domain/node-task";

import { clipTail, messageOf } from "../clipped-text.ts";
import { logFact } from "../log.ts";
import { defaultEnd, endProcesses, type EndOptions } from "../process/end-processes.ts";
import type { NodeContext } from "../task/job.ts";
import { AgentProcess, type AgentExit } from "./agent-process.ts";
import { AgentSession, type OpenedSession, type OpenRequest } from "./agent-session.ts";
import type { AgentEntry } from "./agent-table.ts";
import { PermissionDesk } from "./permission-desk.ts";
import type { TurnEnd } from "./reported-failure.ts";
import { trimUpdate } from "./trimmed-update.ts";

export interface AgentPlan {
  readonly node: NodeContext;
  readonly taskId: TaskId;
  readonly incarnation: number;
  readonly entry: AgentEntry;
  /** Path of the workspace. */
  readonly workspace: string;
  /** Commands that wait for this agent and end with it. */
  readonly waitingCommands: () => readonly string[];
}

export class LiveAgent {
  readonly incarnation: number;
  /** Resolves when its process has ended and nothing of it is left; where it ended unasked, once that is on disk. */
  readonly gone: Promise<void>;
  readonly #plan: AgentPlan;
  readonly #process: AgentProcess;
  readonly #session: AgentSession;
  readonly #permissions: PermissionDesk;
  #endedOnCommand = false;
  #turn: number;
  #runningTurn: number | null = null;

  constructor(plan: AgentPlan) {
    this.#plan = plan;
    this.incarnation = plan.incarnation;
    this.#turn = plan.node.records.get(plan.taskId).turn;
    this.#permissions = new PermissionDesk(`p${plan.incarnation}`);
    const { layout, settings } = plan.node;
    const options = { workspace: plan.workspace, strayMs: settings.timings.strayMs };
    this.#process = new AgentProcess(plan.entry, { layout, taskId: plan.taskId, workspace: plan.workspace });
    this.#session = new AgentSession(this.#process, options, {
      onUpdate: (update) => this.#onUpdate(update),
      onPermission: (request) => this.#onPermission(request),
      onGarbled: () => this.#onGarbled(),
    });
    this.gone = this.#watch();
  }

  /** The process id where it is really alive. */
  get pid(): number | null {
    return this.#process.isAlive ? this.#process.pid : null;
  }

  /** Whether it is ending, or has ended, on command. */
  get isHushed(): boolean {
    return this.#endedOnCommand;
  }

  get runningTurn(): number | null {
    return this.#runningTurn;
  }

  /** The end of its stderr, or what it wrote instead of messages. */
  get outputTail(): string {
    const { strayLines } = this.#session;
    const stray = strayLines === "" ? "" : `agent_protocol_error: it wrote lines that are no messages:\n${strayLines}`;
    return clipTail([stray, this.#process.outputTail].filter((text) => text !== "").join("\n"), 16_000);
  }

  get wroteStrayLines(): boolean {
    return this.#session.strayLines !== "";
  }

  open(request: OpenRequest): Promise<OpenedSession> {
    return this.#session.open(request);
  }

  /** Tells the agent a turn. @returns how it ended; null where the agent ended instead, which is then reported. */
  async runTurn(turn: number, text: string, resume: boolean): Promise<TurnEnd | null> {
    this.#turn = turn;
    this.#runningTurn = turn;
    const end = await this.#session.prompt(text, resume);
    if (end !== null) {
      this.#runningTurn = null;
      return end;
    }
    // It closed its output; a process that lives on without one can't be spoken to.
    if (this.#process.isAlive) await this.#kill();
    await this.gone;
    return null;
  }

  /** Asks the agent to end the turn; where it doesn't, its processes are ended, which is then reported. */
  async cancelTurn(turn: number): Promise<void> {
    if (this.#runningTurn !== turn) return;
    const settled = this.#permissions.cancelAll();
    await this.#say(...settled);
    await this.#session.cancel().catch((error: unknown) => logFact("cancel_not_sent", { error: messageOf(error) }));
    const timer = setTimeout(() => {
      if (this.#runningTurn === turn && !this.#endedOnCommand) void this.#kill();
    }, this.#plan.node.settings.timings.cancelMs);
    this.gone.finally(() => clearTimeout(timer)).catch(() => undefined);
  }

  async answer(requestId: string, optionId: string | null): Promise<void> {
    const event = this.#permissions.settle(requestId, optionId);
    if (event !== null) await this.#say(event);
    else logFact("answer_to_no_question", { taskId: this.#plan.taskId, requestId });
  }

  /** Closes what is still asked when a turn ends. Only within a change of the state database. */
  closeQuestions(): NodeTaskEvent[] {
    return this.#permissions.cancelAll();
  }

  /** From now on nothing of it is said: it is about to be ended on command. */
  hush(): void {
    this.#endedOnCommand = true;
    this.#permissions.cancelAll();
  }

  /** Ends it on command, with every process of the task. @throws ProcessesRemain */
  async end(options: EndOptions = this.#endOptions()): Promise<void> {
    this.hush();
    await endProcesses([this.#plan.taskId], options);
    this.#session.close();
    await this.gone;
  }

  #endOptions(): EndOptions {
    return { ...defaultEnd, graceMs: this.#plan.node.settings.timings.graceMs };
  }

  async #kill(): Promise<void> {
    try {
      await endProcesses([this.#plan.taskId], this.#endOptions());
    } catch (error) {
      logFact("agent_not_ended", { taskId: this.#plan.taskId, error: messageOf(error) });
    }
  }

  async #watch(): Promise<void> {
    const exit = await this.#process.exited;
    // The program has ended, its tools may not have. Whoever ends it on command ends them too.
    if (!this.#endedOnCommand) await this.#kill();
    this.#session.close();
    if (!this.#endedOnCommand) await this.#report(exit);
  }

  #report(exit: AgentExit): Promise<void> {
    const { node, taskId, incarnation, waitingCommands } = this.#plan;
    const { outputTail } = this;
    const questions = this.#permissions.cancelAll();
    return node.state.commit(() => {
      const { agent } = node.records.get(taskId);
      if (agent !== null) node.records.update(taskId, { agent: { ...agent, state: "ended" } });
      for (const event of questions) node.outbox.append(taskId, event);
      node.outbox.append(taskId, { type: "agent_gone", incarnation, ...exit, outputTail });
      for (const commandId of waitingCommands()) node.inbox.finish(commandId);
    });
  }

  #onUpdate(update: Record<string, unknown>): void {
    if (this.#endedOnCommand) return;
    const { node, taskId } = this.#plan;
    const event: NodeTaskEvent = { type: "agent_update", turn: this.#turn, update: trimUpdate(update) };
    node.state.commitSoon(() => {
      node.outbox.append(taskId, event);
    });
  }

  async #onPermission(request: Parameters<PermissionDesk["open"]>[0]): Promise<string | null> {
    if (this.#endedOnCommand || this.#runningTurn === null) return null;
    const { event, answer } = this.#permissions.open(request);
    await this.#say(event);
    return await answer;
  }

  #onGarbled(): void {
    logFact("agent_not_of_protocol", { taskId: this.#plan.taskId });
    if (this.#runningTurn !== null) void this.#kill();
  }

  #say(...events: readonly NodeTaskEvent[]): Promise<void> {
    const { node, taskId } = this.#plan;
    return node.state.commit(() => {
      for (const event of events) node.outbox.append(taskId, event);
    });
  }
}
