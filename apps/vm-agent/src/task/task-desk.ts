/**
 * A task's desk carries out its commands one after the other. A tear-down waits for nothing; an answer and the cancelling
 * of a turn go past what is running; a new start of the agent and a delivery end the turn that is running.
 */
import type { TaskId } from "@sam/domain/ids";
import type { NodeTaskEvent } from "@sam/domain/node-task";

import { reportInterrupted } from "../agent/interrupted-agent.ts";
import type { TaskAgent } from "../agent/live-agent.ts";
import { messageOf } from "../clipped-text.ts";
import { logFact } from "../log.ts";
import type { InboxCommand } from "../store/inbox.ts";
import type { Work } from "./carry-out.ts";
import type { NodeContext } from "./job.ts";

interface Current {
  readonly command: InboxCommand;
  readonly abort: AbortController;
}

const voidRetryMs = 60_000;

/** What a desk stands on. */
export interface DeskPorts extends Pick<NodeContext, "state" | "inbox" | "outbox" | "records"> {
  readonly work: Work;
}

export class TaskDesk {
  readonly taskId: TaskId;
  readonly #node: DeskPorts;
  #queue: InboxCommand[] = [];
  /** Commands in the queue of which only that the task came back is carried out, by their ids. */
  readonly #givenUp = new Set<string>();
  #current: Current | null = null;
  #agent: TaskAgent | null = null;
  #isStopping = false;
  #idle: Promise<void> = Promise.resolve();

  constructor(node: DeskPorts, taskId: TaskId) {
    this.#node = node;
    this.taskId = taskId;
  }

  /** The agent that is really alive now, or null. */
  get agentPid(): number | null {
    return this.#agent?.pid ?? null;
  }

  get isIdle(): boolean {
    return this.#current === null && this.#queue.length === 0;
  }

  /** Takes a command that is on disk. */
  receive(command: InboxCommand): void {
    if (this.#isStopping) return;
    const { body } = command;
    switch (body.type) {
      case "tear_down":
      case "void_task":
        this.#clear(command);
        break;
      case "cancel_turn":
        this.#aside(command, () => this.#cancelTurn(body.turn));
        return;
      case "answer":
        this.#aside(command, async () => {
          const { optionId } = body;
          await this.#agent?.answer(body.requestId, { optionId, commandId: command.commandId });
        });
        return;
      case "start_agent":
        if (body.incarnation > (this.#node.records.get(this.taskId).agent?.incarnation ?? 0)) this.#endTurn();
        this.#queue.push(command);
        break;
      case "deliver":
        this.#endTurn();
        this.#queue.push(command);
        break;
      case "create_workspace":
      case "prompt":
        this.#queue.push(command);
    }
    this.#work();
  }

  /** Ends what is running and every process of the task; commands stay unfinished and are taken up at the next boot. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    this.#queue = [];
    this.#current?.abort.abort();
    await this.#agent?.end({ graceMs, giveUpMs: 2_000 });
    await this.#idle;
    await this.#node.state.commit(() => reportInterrupted(this.#node, this.taskId, "node_stopped"));
  }

  #work(): void {
    if (this.#current !== null) return;
    const command = this.#queue.shift();
    if (command === undefined) return;
    const current = { command, abort: new AbortController() };
    if (this.#givenUp.delete(command.commandId)) current.abort.abort();
    this.#current = current;
    this.#idle = this.#carryOut(current).then(() => {
      this.#current = null;
      this.#work();
    });
  }

  async #carryOut({ command, abort }: Current): Promise<void> {
    const { state, inbox, outbox, work } = this.#node;
    const close = (event: NodeTaskEvent | null) =>
      state.commit(() => {
        if (event !== null) outbox.append(this.taskId, event);
        inbox.finish(command.commandId);
      });
    try {
      await work.carryOut(command, abort.signal, {
        agent: () => this.#agent,
        hold: (agent) => {
          this.#agent = agent;
        },
      });
      // Mostly done already, together with what it brought about.
      if (!this.#isStopping) state.commitSoon(() => inbox.finish(command.commandId));
    } catch (error) {
      if (this.#isStopping) return;
      if (!abort.signal.aborted)
        logFact("command_failed", { taskId: this.taskId, command: command.body.type, error: messageOf(error) });
      if (command.body.type === "void_task" && !abort.signal.aborted) this.#tryLater(command);
      else await close(abort.signal.aborted ? null : work.failureEvent(command.body.type, error));
    }
  }

  /** Nobody would send it again. */
  #tryLater(command: InboxCommand): void {
    setTimeout(() => {
      // It may have come back meanwhile, and is nobody's stray then.
      if (this.#node.records.get(this.taskId).isVoid) this.receive(command);
    }, voidRetryMs).unref();
  }

  /**
   * Everything else of the task is over: what runs is aborted, what waits is not begun. That the task came back stands all
   * the same where it is torn down for that: what is said of its teardown would else be of its former stay, or unsaid.
   */
  #clear(command: InboxCommand): void {
    const { state, inbox, outbox, records } = this.#node;
    const isVoid = command.body.type === "void_task";
    const back = isVoid ? [] : this.#queue.filter(({ body }) => body.type === "create_workspace" && body.comesBack);
    for (const { commandId } of back) this.#givenUp.add(commandId);
    const dropped = this.#queue.filter((waiting) => !isTearDown(waiting) && !back.includes(waiting));
    this.#queue = this.#queue.filter((waiting) => !dropped.includes(waiting));
    this.#queue.push(command);
    state.commitSoon(() => {
      const { life } = records.get(this.taskId);
      if (life === "active") records.update(this.taskId, { life: "ending" });
      if (isVoid) records.update(this.taskId, { isVoid: true });
      if (isVoid) outbox.silence(this.taskId);
      for (const { commandId } of dropped) inbox.finish(commandId);
    });
    this.#agent?.hush();
    if (this.#current !== null && !isTearDown(this.#current.command)) this.#current.abort.abort();
  }

  #endTurn(): void {
    this.#agent?.hush();
    if (this.#current?.command.body.type === "prompt") this.#current.abort.abort();
  }

  #aside(command: InboxCommand, work: () => Promise<void>): void {
    void work()
      .catch((error: unknown) =>
        logFact("command_failed", { taskId: this.taskId, command: command.body.type, error: messageOf(error) }),
      )
      .then(() => this.#node.state.commit(() => this.#node.inbox.finish(command.commandId)));
  }

  async #cancelTurn(turn: number): Promise<void> {
    if (this.#agent?.runningTurn === turn) {
      await this.#agent.cancelTurn(turn);
      return;
    }
    const isIt = ({ body }: InboxCommand) => body.type === "prompt" && body.turn === turn;
    const waiting = this.#queue.find(isIt);
    if (waiting === undefined) return;
    this.#queue = this.#queue.filter((command) => command !== waiting);
    const { state, inbox, outbox } = this.#node;
    await state.commit(() => {
      inbox.finish(waiting.commandId);
      outbox.append(this.taskId, {
        type: "turn_ended",
        turn,
        stopReason: "cancelled",
        reportedFailure: null,
        usage: null,
        model: null,
      });
    });
  }
}

function isTearDown({ body }: InboxCommand): boolean {
  return body.type === "tear_down" || body.type === "void_task";
}
