/**
 * A simulated agent, as the desk of its task has it: it sends updates, asks, changes files, and ends its turns; or it
 * ends, hangs or fails in the middle. What it says is stored by the real outbox; its end is reported as the real one's is.
 */
import type { TaskId } from "@sam/domain/ids";
import type { NodeTaskEvent } from "@sam/domain/node-task";

import type { TaskAgent, ToldTurn } from "../../../../../apps/vm-agent/src/agent/live-agent.ts";
import type { Settled } from "../../../../../apps/vm-agent/src/agent/permission-desk.ts";
import type { TurnEnd } from "../../../../../apps/vm-agent/src/agent/turn-end.ts";
import type { NodeContext } from "../../../../../apps/vm-agent/src/task/job.ts";
import { inScene, sceneNow } from "../../time/life.ts";
import type { AgentProcess } from "../agent-process.ts";
import type { Machine } from "../machine.ts";
import { pause } from "./pause.ts";

const cancelMs = 5_000;
const ownCancelled: TurnEnd = { stopReason: "cancelled", reportedFailure: null, usage: null, model: null };

interface Turn {
  readonly turn: number;
  isCancelled: boolean;
  readonly cancelled: PromiseWithResolvers<void>;
}

export interface AgentPorts {
  readonly node: Pick<NodeContext, "state" | "outbox" | "inbox" | "records">;
  readonly machine: Machine;
  readonly taskId: TaskId;
  readonly process: AgentProcess;
  readonly waitingCommands: () => readonly string[];
}

export class SimulatedAgent implements TaskAgent {
  readonly incarnation: number;
  readonly gone: Promise<void>;
  readonly outputTail = "";
  readonly wroteStrayLines = false;
  readonly #ports: AgentPorts;
  readonly #questions = new Map<string, (optionId: string | null) => void>();
  #isHushed = false;
  #turn: Turn | null = null;
  #asked = 0;

  constructor(ports: AgentPorts) {
    this.#ports = ports;
    this.incarnation = ports.process.incarnation;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.gone = promise;
    const scene = sceneNow();
    ports.process.whenGone((signal) => {
      if (scene?.life.isOver === true) return;
      inScene(scene, () => void this.#report(signal).then(resolve));
    });
  }

  get pid(): number | null {
    const { process } = this.#ports;
    return process.isAlive ? process.pid : null;
  }

  get isHushed(): boolean {
    return this.#isHushed;
  }

  get runningTurn(): number | null {
    return this.#turn?.turn ?? null;
  }

  async open(): Promise<never> {
    throw new Error("a simulated agent is opened by its start");
  }

  async runTurn({ turn: number }: ToldTurn): Promise<TurnEnd | null> {
    const turn: Turn = { turn: number, isCancelled: false, cancelled: Promise.withResolvers<void>() };
    this.#turn = turn;
    const { chance, gate } = this.#ports.machine.ports;
    for (let step = chance.below(5); step >= 0; step -= 1) {
      await this.#orCancelled(turn, 200 + chance.below(6_000));
      if (this.pid === null) break;
      // One that does not heed its cancel is ended by its process.
      if (turn.isCancelled && !gate.happens("agentFails")) return this.#ends(ownCancelled);
      const end = gate.happens("agentFails") ? await this.#fails(turn) : await this.#works(turn);
      if (end !== null) return this.#ends(end);
      if (this.pid === null) break;
    }
    if (this.pid === null) {
      await this.gone;
      return null;
    }
    return this.#ends({ stopReason: "end_turn", reportedFailure: null, usage: null, model: null });
  }

  async cancelTurn(number: number): Promise<void> {
    const turn = this.#turn;
    if (turn?.turn !== number) return;
    turn.isCancelled = true;
    await this.#say(...this.closeQuestions());
    turn.cancelled.resolve();
    setTimeout(() => {
      if (this.#turn === turn && !this.#isHushed) this.#ports.process.end("SIGKILL");
    }, cancelMs);
  }

  async answer(requestId: string, { optionId }: Settled): Promise<void> {
    const settle = this.#questions.get(requestId);
    if (settle === undefined) return;
    this.#questions.delete(requestId);
    this.#ports.machine.ports.book.answered(this.#ports.taskId, requestId);
    settle(optionId);
    await this.#say({ type: "permission_settled", requestId, optionId });
  }

  closeQuestions(): NodeTaskEvent[] {
    const events = [...this.#questions].map(([requestId, settle]): NodeTaskEvent => {
      settle(null);
      return { type: "permission_settled", requestId, optionId: null };
    });
    this.#questions.clear();
    return events;
  }

  hush(): void {
    this.#isHushed = true;
    this.closeQuestions();
  }

  async end(): Promise<void> {
    this.hush();
    await this.#ports.machine.endProcesses(this.#ports.taskId);
    await this.gone;
  }

  #ends(end: TurnEnd): TurnEnd {
    this.#turn = null;
    return end;
  }

  async #orCancelled(turn: Turn, ms: number): Promise<void> {
    if (turn.isCancelled) await pause(ms);
    else await Promise.race([pause(ms), turn.cancelled.promise, this.gone]);
  }

  /** One step of its work. @returns the end of the turn, where this was it. */
  async #works(turn: Turn): Promise<TurnEnd | null> {
    const { chance, book } = this.#ports.machine.ports;
    const { taskId, machine } = this.#ports;
    if (chance.next() < 0.15) return await this.#asks(turn);
    if (chance.next() < 0.6) machine.change(taskId);
    const text = book.nextUpdate(taskId);
    this.#ports.node.state.commitSoon(() => {
      if (this.#isHushed) return;
      book.said(taskId, text);
      const update = { sessionUpdate: "agent_message_chunk", content: { type: "text", text } };
      this.#ports.node.outbox.append(taskId, { type: "agent_update", turn: turn.turn, update });
    });
    return null;
  }

  async #asks(turn: Turn): Promise<TurnEnd | null> {
    this.#asked += 1;
    const requestId = `p${this.incarnation}-${this.#asked}`;
    const { promise, resolve } = Promise.withResolvers<string | null>();
    this.#questions.set(requestId, resolve);
    await this.#say({
      type: "permission_requested",
      requestId,
      title: "May I?",
      detail: null,
      scope: {
        toolKind: this.#ports.machine.ports.chance.pick(["edit", "execute"]),
        insideWorkspace: true,
        sandboxed: false,
      },
      options: [
        { optionId: "yes", name: "Yes", kind: "allow_once" },
        { optionId: "no", name: "No", kind: "reject_once" },
      ],
    });
    await Promise.race([promise, turn.cancelled.promise, this.gone]);
    return null;
  }

  async #fails(turn: Turn): Promise<TurnEnd | null> {
    const { chance, trace } = this.#ports.machine.ports;
    const how = chance.pick(["exits", "hangs", "reports", "model"] as const);
    trace.note(() => `the agent of ${this.#ports.taskId} ${how}`);
    switch (how) {
      case "exits":
        this.#ports.process.end(null);
        return null;
      case "hangs":
        await Promise.race([turn.cancelled.promise, this.gone]);
        return chance.next() < 0.5 || this.pid === null ? null : ownCancelled;
      case "reports":
        return { stopReason: "end_turn", reportedFailure: "I could not do it", usage: null, model: null };
      case "model":
        await this.#say({
          type: "model_failing",
          turn: turn.turn,
          failure: { kind: "unavailable", status: 503, detail: "overloaded" },
          failures: 1,
        });
        if (chance.next() < 0.7) await this.#say({ type: "model_answering", turn: turn.turn });
        return null;
    }
  }

  async #say(...events: readonly NodeTaskEvent[]): Promise<void> {
    const { node, taskId } = this.#ports;
    if (this.#isHushed || events.length === 0) return;
    await node.state.commit(() => {
      for (const event of events) node.outbox.append(taskId, event);
    });
  }

  async #report(signal: string | null): Promise<void> {
    if (this.#isHushed) return;
    const { node, taskId, waitingCommands } = this.#ports;
    const questions = this.closeQuestions();
    await node.state.commit(() => {
      const { agent } = node.records.get(taskId);
      if (agent !== null) node.records.update(taskId, { agent: { ...agent, state: "ended" } });
      for (const event of questions) node.outbox.append(taskId, event);
      const exitCode = signal === null ? 1 : null;
      node.outbox.append(taskId, {
        type: "agent_gone",
        incarnation: this.incarnation,
        exitCode,
        signal,
        outputTail: "",
      });
      for (const commandId of waitingCommands()) node.inbox.finish(commandId);
    });
  }
}
