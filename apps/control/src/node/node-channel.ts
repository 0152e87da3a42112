/**
 * The control plane's end of the node channel: one hibernatable WebSocket to the VM agent that dialled in. What it says
 * counts only under the newest epoch; what it is told is sent again with each hello until it is acknowledged.
 */
import type { NodeId, TaskId } from "@sam/domain/ids";
import type { NodeEvent } from "@sam/domain/node-event";
import type { NodeFacts } from "@sam/domain/node-facts";
import { isFinalNodeState } from "@sam/domain/node-lifecycle";
import type { NodeCommand } from "@sam/domain/node-task";
import { closeCodes, type DownFrame, type TaskEventRecord, type UpFrame } from "@sam/protocol/node-channel";
import { heartbeatIntervalMs, protocolVersion } from "@sam/protocol/version";

import type { Env } from "../env.ts";
import { within } from "../lifecycle/deadline.ts";
import type { Face } from "../lifecycle/face.ts";
import { report } from "../system/report.ts";
import type { NodeBoots } from "./node-boots.ts";
import type { NodeCommands } from "./node-commands.ts";
import { answerGrant, type GrantWanted } from "./node-grants.ts";
import type { NodeHeldWork } from "./node-held-work.ts";
import { attach, attachmentOf, parseFrame, sendFrame, type NodeSocket } from "./node-socket.ts";
import type { NodeTokens } from "./node-tokens.ts";

export interface NodeChannelPorts {
  /** Those that are open now. */
  readonly sockets: () => readonly NodeSocket[];
  readonly env: Env;
  readonly commands: Face<NodeCommands>;
  readonly tokens: Face<NodeTokens>;
  readonly boots: Face<NodeBoots>;
  readonly heldWork: NodeHeldWork;
  readonly clock: () => number;
  readonly facts: () => NodeFacts | null;
  readonly handle: (event: NodeEvent) => NodeFacts | null;
  /** Lets the slot of a task go that has ended without it. */
  readonly release: (taskId: TaskId, stay: number) => void;
  /** Is told how many events of a task have to be sent again; left out: nobody. */
  readonly askedAgain?: (taskId: TaskId, count: number) => void;
}

/** Whether a VM agent that dials in is let in; `status` is the HTTP status of the refusal. */
export type Admission =
  | { readonly admitted: true; readonly tokenAt: number }
  | { readonly admitted: false; readonly status: 401 | 410; readonly why: string };

const noValidToken: Admission = { admitted: false, status: 401, why: "no valid token" };

type EventsOutcome = { readonly ackedSeq: number } | "void";

const forwardTimeoutMs = 10_000;
const renewAfterMs = 24 * 60 * 60 * 1000;

export class NodeChannel {
  readonly #ports: NodeChannelPorts;
  /** Keeps the events of one task in their order while earlier ones are still on their way to its runner. */
  readonly #forwarding = new Map<TaskId, Promise<void>>();
  /** How often each task was let go. In memory: an answer that is awaited is lost with it. */
  readonly #letGo = new Map<TaskId, number>();

  constructor(ports: NodeChannelPorts) {
    this.#ports = ports;
  }

  get connected(): boolean {
    const epoch = this.#ports.facts()?.epoch ?? 0;
    return this.#ports.sockets().some((socket) => epoch > 0 && attachmentOf(socket).epoch === epoch);
  }

  /** A VM agent dials in. @param token its bearer: 401 where it is not this node's, 410 where the node is going. */
  async admit(token: string | null): Promise<Admission> {
    const facts = this.#ports.facts();
    if (facts === null || token === null) return noValidToken;
    const tokenAt = await this.#ports.tokens.madeAt(token, this.#ports.clock());
    if (tokenAt === null) return noValidToken;
    if (isGoing(facts)) return { admitted: false, status: 410, why: "this node is given up and destroyed" };
    return { admitted: true, tokenAt };
  }

  /** A socket was accepted; nothing that it says counts before its hello. */
  begin(socket: NodeSocket, tokenAt: number): void {
    attach(socket, { epoch: 0, bootId: null, tokenAt });
  }

  /** The task's slot is let go: should it come back, its events are numbered from 1 again. */
  released(taskId: TaskId): void {
    this.#letGo.set(taskId, (this.#letGo.get(taskId) ?? 0) + 1);
  }

  /** A command that was just accepted goes out at once where someone listens; else with the next hello. */
  send(command: NodeCommand): void {
    const epoch = this.#ports.facts()?.epoch ?? 0;
    const socket = this.#ports.sockets().find((it) => epoch > 0 && attachmentOf(it).epoch === epoch);
    if (socket !== undefined) sendFrame(socket, { type: "command", command });
  }

  /** @returns false where nobody listens. */
  forgetSavedWork(wanted: Omit<Extract<DownFrame, { type: "forget_saved_work" }>, "type">): boolean {
    const epoch = this.#ports.facts()?.epoch ?? 0;
    const socket = this.#ports.sockets().find((it) => epoch > 0 && attachmentOf(it).epoch === epoch);
    if (socket !== undefined) sendFrame(socket, { type: "forget_saved_work", ...wanted });
    return socket !== undefined;
  }

  async message(socket: NodeSocket, data: string | ArrayBuffer): Promise<void> {
    const frame = parseFrame(data);
    if (typeof frame === "string") {
      sendFrame(socket, { type: "refused", detail: frame });
      return;
    }
    if (frame.type === "hello") {
      await this.#hello(socket, frame);
      return;
    }
    const { epoch } = attachmentOf(socket);
    const facts = this.#ports.facts();
    if (epoch === 0) {
      sendFrame(socket, { type: "refused", detail: "say hello first" });
    } else if (facts !== null && isFinalNodeState(facts.state)) {
      // What was on its way when the machine went says what was so there.
      socket.close(closeCodes.unauthorized, "this node is destroyed");
    } else if (epoch !== facts?.epoch) {
      socket.close(closeCodes.replaced, "a newer VM agent took over");
    } else {
      await this.#current(socket, frame);
    }
  }

  async #current(socket: NodeSocket, frame: Exclude<UpFrame, { type: "hello" }>): Promise<void> {
    switch (frame.type) {
      case "events":
        await this.#events(socket, frame.events);
        return;
      case "command_ack":
        this.#ports.commands.acknowledge(frame.commandId, this.#ports.clock());
        return;
      case "heartbeat":
        sendFrame(socket, { type: "heartbeat_ack" });
        this.#voidStrays(socket, frame.workspaces);
        this.#contact();
        await this.#renewToken(socket);
        return;
      case "grant_wanted":
        await this.#grant(socket, frame);
        return;
      case "held_work":
        this.#ports.heldWork.held(this.#nodeId(), { works: frame.works, unsaved: frame.unsaved });
        this.#voidUnsaved(socket, frame.unsaved);
        return;
      case "saved_work_forgotten": {
        const { type: _type, ...forgotten } = frame;
        await this.#ports.heldWork.forgotten(forgotten);
      }
    }
  }

  /** Nobody waits for their teardown any more, but nothing of them is saved yet. */
  #voidUnsaved(socket: NodeSocket, unsaved: readonly TaskId[]): void {
    for (const taskId of unsaved) {
      if (!this.#isOurs(taskId)) sendFrame(socket, { type: "void_task", taskId });
    }
  }

  /** To the connection that asked, and to no other: a VM agent that was replaced meanwhile gets nothing. */
  async #grant(socket: NodeSocket, wanted: GrantWanted): Promise<void> {
    const facts = this.#ports.facts();
    if (facts === null) return;
    const answer = await answerGrant(this.#ports.env, facts, wanted);
    const { epoch } = attachmentOf(socket);
    if (epoch > 0 && epoch === this.#ports.facts()?.epoch) sendFrame(socket, answer);
  }

  /**
   * What stands or lives for a task which has no claim here any more has no owner: its processes are ended, its work is
   * saved, and its workspace removed.
   */
  #voidStrays(socket: NodeSocket, workspaces: Extract<UpFrame, { type: "heartbeat" }>["workspaces"]): void {
    for (const { taskId } of workspaces) {
      if (!this.#isOurs(taskId)) sendFrame(socket, { type: "void_task", taskId });
    }
  }

  async #hello(socket: NodeSocket, frame: Extract<UpFrame, { type: "hello" }>): Promise<void> {
    if (frame.protocol !== protocolVersion) {
      socket.close(closeCodes.protocol, `this control plane speaks protocol ${protocolVersion}`);
      return;
    }
    const { bootId, isolation, agents } = frame;
    const before = this.#ports.facts();
    if (before === null || isGoing(before)) {
      socket.close(closeCodes.unauthorized, "this node is given up and destroyed");
      return;
    }
    if (this.#ports.boots.wasReplaced(bootId, before.bootId)) {
      socket.close(closeCodes.replaced, "a newer VM agent took over");
      return;
    }
    this.#ports.boots.note(bootId, this.#ports.clock());
    const epoch = this.#ports.handle({ type: "hello", bootId, isolation, agents })?.epoch ?? 0;
    this.#takeOver(socket, bootId);
    attach(socket, { ...attachmentOf(socket), epoch, bootId });
    sendFrame(socket, { type: "welcome", protocol: protocolVersion, epoch, heartbeatIntervalMs });
    for (const command of this.#ports.commands.unacknowledged()) sendFrame(socket, { type: "command", command });
    this.#contact();
    await this.#renewToken(socket);
  }

  /** From here on only this socket counts. One of the same boot may be half dead: it must get no command any more. */
  #takeOver(socket: NodeSocket, bootId: string): void {
    for (const other of this.#ports.sockets()) {
      const { bootId: otherBoot, tokenAt } = attachmentOf(other);
      if (other === socket || otherBoot === null) continue;
      if (otherBoot === bootId) {
        attach(other, { epoch: 0, bootId: null, tokenAt });
        other.close(1000, "dialled again");
      } else {
        other.close(closeCodes.replaced, "a newer VM agent took over");
      }
    }
  }

  /** Also in mid-connection: one that holds for longer than a token would end with a VM agent that may not come back. */
  async #renewToken(socket: NodeSocket): Promise<void> {
    const attachment = attachmentOf(socket);
    const now = this.#ports.clock();
    if (now - attachment.tokenAt <= renewAfterMs) return;
    attach(socket, { ...attachment, tokenAt: now });
    sendFrame(socket, { type: "token", ...(await this.#ports.tokens.mint(now)) });
  }

  /** Contact of the node is contact of its tasks, and nothing more. A runner that cannot be told now hears the next. */
  #contact(): void {
    const facts = this.#ports.handle({ type: "contact" });
    for (const taskId of facts?.claims ?? []) {
      this.#contactOf(taskId).catch((error: unknown) => {
        report(`contact of ${taskId}`, error);
      });
    }
  }

  /** A claim that came later than the search that made it was taken all the same: nobody else would let it go. */
  async #contactOf(taskId: TaskId): Promise<void> {
    // Before it is asked: what it comes to claim meanwhile is not let go by its answer.
    const stay = this.#ports.facts()?.stays[taskId] ?? 0;
    const told = this.#ports.env.TASK_RUNNER.getByName(taskId).contact(this.#nodeId());
    if (!(await within<boolean>(taskId, forwardTimeoutMs, told))) this.#ports.release(taskId, stay);
  }

  async #events(socket: NodeSocket, records: readonly TaskEventRecord[]): Promise<void> {
    const byTask = Map.groupBy(records, (record) => record.taskId);
    await Promise.all(
      [...byTask].map(async ([taskId, own]) => {
        const before = this.#forwarding.get(taskId) ?? Promise.resolve();
        const turn = before.then(() => this.#forward(socket, taskId, own));
        this.#forwarding.set(taskId, turn);
        await turn;
        if (this.#forwarding.get(taskId) === turn) this.#forwarding.delete(taskId);
      }),
    );
  }

  /** Never throws: a runner that cannot take the events now gets them again after the VM agent has dialled again. */
  async #forward(socket: NodeSocket, taskId: TaskId, records: readonly TaskEventRecord[]): Promise<void> {
    const nodeId = this.#nodeId();
    const letGo = this.#letGo.get(taskId);
    try {
      const runner = this.#ports.env.TASK_RUNNER.getByName(taskId);
      const outcome = this.#isOurs(taskId)
        ? await within<EventsOutcome>(taskId, forwardTimeoutMs, runner.vmAgentEvents(nodeId, JSON.stringify(records)))
        : "void";
      if (outcome === "void") {
        // A runner that does not know yet what it claimed here is asked again, with what is not acknowledged.
        if (!this.#isOurs(taskId)) sendFrame(socket, { type: "void_task", taskId });
        return;
      }
      // It came back meanwhile: by this number the VM agent would forget what it says now.
      if (letGo !== this.#letGo.get(taskId)) return;
      sendFrame(socket, { type: "event_ack", taskId, seq: outcome.ackedSeq });
      if (outcome.ackedSeq < (records[0]?.seq ?? 1) - 1) {
        this.#askAgain(socket, taskId, records, "events are missing: send them again");
      }
    } catch (error) {
      report(`events of ${taskId}`, error);
      this.#askAgain(socket, taskId, records, "the events could not be stored: send them again");
    }
  }

  /** The VM agent dials again, and sends what is not acknowledged. */
  #askAgain(socket: NodeSocket, taskId: TaskId, { length }: readonly TaskEventRecord[], why: string): void {
    this.#ports.askedAgain?.(taskId, length);
    socket.close(1013, why);
  }

  #isOurs(taskId: TaskId): boolean {
    return this.#ports.facts()?.claims.includes(taskId) === true;
  }

  #nodeId(): NodeId {
    const facts = this.#ports.facts();
    if (facts === null) throw new Error("a channel without a node");
    return facts.request.nodeId;
  }
}

/** It comes back from neither: nobody may work there any more. */
function isGoing({ state }: NodeFacts): boolean {
  return state === "failed" || state === "destroying" || isFinalNodeState(state);
}
