/**
 * A live agent is one start of a task's agent, from its process to its end. Its end is reported exactly once: as
 * `agent_gone` where it should have lived on, not at all where it was ended on command.
 */
import type { RequestPermissionRequest } from "@agentclientprotocol/sdk/unstable";
import type { TaskId } from "@sam/domain/ids";
import type { NodeTaskEvent } from "@sam/domain/node-task";

import { clipTail, messageOf } from "../clipped-text.ts";
import type { TurnLedger } from "../gateway/turn-ledger.ts";
import { logFact } from "../log.ts";
import { defaultEnd, endProcesses, type EndOptions } from "../process/end-processes.ts";
import type { NodeContext } from "../task/job.ts";
import type { UsageReader } from "./adapters/agent-adapter.ts";
import type { AgentLaunch } from "./agent-launch.ts";
import { AgentProcess, type AgentExit } from "./agent-process.ts";
import { AgentSession, type OpenedSession, type OpenRequest, type PermissionAnswer } from "./agent-session.ts";
import { PermissionDesk, type Settled } from "./permission-desk.ts";
import { scopeOf } from "./permission-scope.ts";
import { RunningTurn } from "./running-turn.ts";
import { readTurnEnd, type TurnEnd } from "./turn-end.ts";
import { UpdateStream } from "./update-stream.ts";

export interface AgentPlan {
  readonly node: NodeContext;
  readonly taskId: TaskId;
  readonly incarnation: number;
  readonly launch: AgentLaunch;
  readonly ledger: TurnLedger;
  /** Whether an earlier session is to be loaded again. */
  readonly isLoaded: boolean;
  /** Path of the workspace. */
  readonly workspace: string;
  /** Commands that wait for this agent and end with it. */
  readonly waitingCommands: () => readonly string[];
}

/** An agent as the desk of its task has it. */
export type TaskAgent = Pick<LiveAgent, keyof LiveAgent>;

/** What an agent is told, and the command that brought it. */
export interface ToldTurn {
  readonly turn: number;
  readonly text: string;
  readonly resume: boolean;
  readonly commandId: string;
}

export class LiveAgent {
  readonly incarnation: number;
  /** Resolves when its process has ended and nothing of it is left; where it ended unasked, once that is on disk. */
  readonly gone: Promise<void>;
  readonly #plan: AgentPlan;
  readonly #process: AgentProcess;
  readonly #session: AgentSession;
  readonly #permissions: PermissionDesk;
  readonly #updates: UpdateStream;
  readonly #usage: UsageReader;
  #endedOnCommand = false;
  #turn: number;
  #runningTurn: RunningTurn | null = null;

  constructor(plan: AgentPlan) {
    this.#plan = plan;
    this.incarnation = plan.incarnation;
    this.#turn = plan.node.records.get(plan.taskId).turn;
    this.#permissions = new PermissionDesk(`p${plan.incarnation}`, () => this.#noteRefusal());
    const { launch, node, taskId, workspace } = plan;
    const { strayMs } = node.settings.timings;
    this.#updates = new UpdateStream(
      () => node.secrets.mask(taskId),
      (update) => this.#sayUpdate(update),
    );
    this.#usage = launch.adapter.usage({ isOwnServer: launch.isOwnServer, isLoaded: plan.isLoaded });
    this.#process = new AgentProcess(launch, { taskId, workspace });
    this.#session = new AgentSession(
      this.#process,
      { workspace, strayMs, adapter: launch.adapter, meta: launch.sessionMeta },
      {
        onUpdate: (update) => this.#onUpdate(update),
        onPermission: (request, signal) => this.#onPermission(request, signal),
        onGarbled: () => this.#onGarbled(),
      },
    );
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
    return this.#runningTurn?.turn ?? null;
  }

  /** The end of its stderr, or what it wrote instead of messages. */
  get outputTail(): string {
    const { strayLines } = this.#session;
    const stray = strayLines === "" ? "" : `agent_protocol_error: it wrote lines that are no messages:\n${strayLines}`;
    const { node, taskId } = this.#plan;
    const mask = node.secrets.mask(taskId);
    const tail = clipTail(mask.maskTail(this.#process.outputTail), 8_192);
    return clipTail([mask.mask(stray), tail].filter((text) => text !== "").join("\n"), 16_000);
  }

  get wroteStrayLines(): boolean {
    return this.#session.strayLines !== "";
  }

  open(request: OpenRequest): Promise<OpenedSession> {
    return this.#session.open(request);
  }

  /** Tells the agent a turn. @returns how it ended; null where the agent ended instead, which is then reported. */
  async runTurn({ turn, text, resume, commandId }: ToldTurn): Promise<TurnEnd | null> {
    const { ledger, launch } = this.#plan;
    const running = new RunningTurn(turn, commandId);
    this.#turn = turn;
    this.#runningTurn = running;
    ledger.begin(turn);
    const answer = await this.#session.prompt(text, resume);
    const model = ledger.end();
    if (answer !== null) {
      this.#noteRead();
      this.#runningTurn = null;
      if (running.isCancelled && launch.adapter.leavesToolsRunning && this.pid !== null) {
        await running.endTools(this.#plan.taskId, this.pid);
      }
      this.#updates.endTurn(running.isCancelled || running.isRefused);
      const usage = this.#usage.endTurn(answer.kind === "response" ? answer.response : null);
      const end = readTurnEnd(answer, launch.adapter, running);
      // Nothing at all is what some agents say of a turn that was cut short: they do not know.
      const isKnown = usage !== null && usage.inputTokens + usage.outputTokens > 0;
      return { ...end, usage: isKnown ? usage : null, model: launch.gateway === null ? null : model };
    }
    // It closed its output; a process that lives on without one can't be spoken to.
    if (this.#process.isAlive) await this.#kill();
    await this.gone;
    return null;
  }

  /** Asks the agent to end the turn; where it doesn't, its processes are ended, which is then reported. */
  async cancelTurn(turn: number): Promise<void> {
    const running = this.#runningTurn;
    if (running?.turn !== turn) return;
    running.isCancelled = true;
    this.#plan.ledger.noteCancel();
    const settled = this.#permissions.cancelAll();
    await this.#say(...settled);
    await this.#session.cancel().catch((error: unknown) => logFact("cancel_not_sent", { error: messageOf(error) }));
    const timer = setTimeout(() => {
      if (this.#runningTurn === running && !this.#endedOnCommand) void this.#kill();
    }, this.#plan.node.settings.timings.cancelMs);
    this.gone.finally(() => clearTimeout(timer)).catch(() => undefined);
  }

  async answer(requestId: string, settled: Settled): Promise<void> {
    const event = this.#permissions.answer(requestId, settled);
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
    this.#updates.stop();
    this.#plan.ledger.noteCancel();
    this.#permissions.cancelAll();
  }

  /** Ends it on command, with every process of the task. @throws ProcessesRemain */
  async end(options: EndOptions = this.#endOptions()): Promise<void> {
    this.hush();
    await endProcesses([this.#plan.taskId], options);
    this.#session.close();
    this.#plan.launch.gateway?.close();
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
    this.#plan.launch.gateway?.close();
    if (!this.#endedOnCommand) await this.#report(exit);
  }

  #report(exit: AgentExit): Promise<void> {
    const { node, taskId, incarnation, waitingCommands } = this.#plan;
    const { outputTail } = this;
    this.#updates.endTurn(false);
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
    if (isWork(update)) this.#noteRead();
    this.#usage.note(update);
    this.#updates.take(update);
  }

  #sayUpdate(update: Readonly<Record<string, unknown>>): void {
    const { node, taskId } = this.#plan;
    const event: NodeTaskEvent = { type: "agent_update", turn: this.#turn, update };
    node.state.commitSoon(() => {
      node.outbox.append(taskId, event);
    });
  }

  async #onPermission(request: RequestPermissionRequest, signal: AbortSignal): Promise<PermissionAnswer> {
    const { node, taskId, workspace } = this.#plan;
    const running = this.#runningTurn;
    const toolCall = { ...request.toolCall };
    const tool = this.#updates.factsOf(toolCall);
    const scope = await scopeOf(workspace, tool, node.settings.isolation);
    const isVoid = this.#endedOnCommand || running === null || running !== this.#runningTurn || running.isCancelled;
    if (isVoid || signal.aborted) return { optionId: null, onWritten: () => undefined };
    this.#noteRead();
    this.#updates.announce(toolCall);
    const hide = (text: string) => node.secrets.mask(taskId).mask(text);
    const { hiddenOptionIds } = this.#plan.launch.adapter;
    const options = request.options.filter(({ optionId }) => !hiddenOptionIds.includes(optionId));
    const { requestId, event, settled } = this.#permissions.open({ options, tool, scope, hide });
    signal.addEventListener("abort", () => void this.#takeBack(requestId), { once: true });
    await this.#say(event);
    const { optionId, commandId } = await settled;
    const onWritten = () => {
      if (commandId !== null) this.#sayReached(commandId);
    };
    return { optionId, onWritten };
  }

  /** The first sign that the agent works on its turn. */
  #noteRead(): void {
    const running = this.#runningTurn;
    if (running === null || running.isRead) return;
    running.isRead = true;
    this.#sayReached(running.commandId);
  }

  /** What the user replied has come to the agent. */
  #sayReached(commandId: string): void {
    if (this.#endedOnCommand) return;
    const { node, taskId } = this.#plan;
    node.state.commitSoon(() => {
      node.outbox.append(taskId, { type: "command_reached", commandId, reached: "agent" });
    });
  }

  async #takeBack(requestId: string): Promise<void> {
    const event = this.#permissions.withdraw(requestId);
    if (event !== null && !this.#endedOnCommand) await this.#say(event);
  }

  #noteRefusal(): void {
    if (this.#runningTurn !== null) this.#runningTurn.isRefused = true;
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

const workKinds: ReadonlySet<unknown> = new Set([
  "agent_message_chunk",
  "agent_thought_chunk",
  "tool_call",
  "tool_call_update",
  "plan",
]);

/** What an agent sends by itself, such as its commands or its modes, says nothing of the turn. */
function isWork(update: Readonly<Record<string, unknown>>): boolean {
  return workKinds.has(update["sessionUpdate"]);
}
