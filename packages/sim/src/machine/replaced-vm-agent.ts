/**
 * A replaced VM agent was taken for dead and another one was started in its place: a process that was stopped and is
 * continued, or a copy of the machine. It speaks on, over the connection that it had and over new ones, with the id of its
 * old boot, its token that is still valid, and the numbers that the next events would have. None of its words may count.
 */
import type { TaskId } from "@sam/domain/ids";
import type { UpFrame } from "@sam/protocol/node-channel";
import { protocolVersion } from "@sam/protocol/version";

import { attachmentOf } from "../../../../apps/control/src/node/node-socket.ts";
import { NodeChannel } from "../../../../apps/vm-agent/src/channel/node-channel.ts";
import type { NodeWire } from "../network/node-wire.ts";
import type { ControlPlane, NodeObjectDisk } from "../objects/control-plane.ts";
import { inScene, Life } from "../time/life.ts";
import { short } from "../trace.ts";
import type { Machine } from "./machine.ts";

const lookEveryMs = 2_000;
const looksAtMost = 60;
const redialMs = { refusedRedialMs: 30_000, welcomeMs: 15_000 };

/** The VM agent of a machine is taken for dead. Where the control plane knew it, it speaks on once another has said hello. */
export function speakOn(machine: Machine, control: ControlPlane): void {
  const bootId = machine.bootId;
  const node = control.nodes.objects.get(machine.nodeId)?.disk;
  if (machine.vmAgent === null || node?.lifecycle.facts?.bootId !== bootId) return;
  // The one over which it said hello.
  const wire = [...machine.wires].find(({ server }) => server.isOpen && attachmentOf(server).bootId === bootId) ?? null;
  const kept = machine.ports.chance.next() < 0.7 ? wire : null;
  if (kept !== null) machine.wires.delete(kept);
  machine.killVmAgent();
  if (kept !== null) machine.wires.add(kept);
  new ReplacedVmAgent({ machine, control, node, bootId, kept }).waitToBeReplaced(looksAtMost);
}

interface ReplacedPorts {
  readonly machine: Machine;
  readonly control: ControlPlane;
  readonly node: NodeObjectDisk;
  readonly bootId: string;
  /** The connection that it had and still holds; null: it is gone. */
  readonly kept: NodeWire | null;
}

class ReplacedVmAgent {
  readonly #ports: ReplacedPorts;
  #said = 0;

  constructor(ports: ReplacedPorts) {
    this.#ports = ports;
  }

  /** Before that its words are still those of the current one. */
  waitToBeReplaced(looks: number): void {
    const { machine, node, bootId } = this.#ports;
    machine.ports.time.after(lookEveryMs, () => {
      if (!machine.isOn || looks === 0) return;
      if (node.lifecycle.facts?.bootId === bootId) this.waitToBeReplaced(looks - 1);
      else this.#speak();
    });
  }

  #speak(): void {
    const { machine, kept } = this.#ports;
    const { time, chance, trace } = machine.ports;
    trace.note(() => `a VM agent of ${short(machine.nodeId)} that was replaced speaks on`);
    if (kept !== null) {
      kept.speaksOn = true;
      for (let times = 1 + chance.below(3); times > 0; times -= 1) {
        time.after(chance.below(20_000), () => this.#sayAll(kept));
      }
    }
    if (kept === null || chance.next() < 0.5) this.#dial();
  }

  /** As a real one dials, again and again until it hears that it is replaced; and it does not wait for its welcome. */
  #dial(): void {
    const { machine, control, bootId } = this.#ports;
    const life = new Life(`old ${short(machine.nodeId)}`, () => machine.clockAheadMs);
    const hello: UpFrame = {
      type: "hello",
      protocol: protocolVersion,
      bootId,
      vmAgentVersion: "0",
      isolation: { processes: "machine", limits: "machine", reasons: [] },
      agents: ["simulated"],
    };
    const url = new URL(`ws://control.test/api/node-channel/${machine.nodeId}`);
    const dial = (_url: URL, token: string) => {
      if (!machine.isOn) life.end();
      const wire = control.dial(machine, token);
      wire.speaksOn = true;
      wire.agent.addEventListener("open", () => setTimeout(() => this.#sayAll(wire), 1));
      return wire.agent;
    };
    inScene({ life, call: "speak on" }, () => {
      const listener = {
        token: () => machine.userData.token,
        hello: () => hello,
        heartbeat: () => this.#heartbeat(),
        onWelcome: () => undefined,
        onFrame: () => Promise.resolve(),
        onDisconnect: () => undefined,
        onReplaced: () => {
          machine.ports.trace.note(() => "is told that it is replaced");
          life.end();
        },
      };
      new NodeChannel({ url, dial, ...redialMs }, listener).dial();
    });
  }

  #heartbeat(): UpFrame {
    const size = { memoryTotalBytes: 4e9, memoryFreeBytes: 2e9, diskTotalBytes: 4e10, diskFreeBytes: 2e10 };
    return { type: "heartbeat", load1: 0, ...size, workspaces: [] };
  }

  #sayAll(wire: NodeWire): void {
    const { node } = this.#ports;
    const taskIds = node.lifecycle.facts?.claims ?? [];
    const say = (frame: UpFrame) => wire.up(JSON.stringify(frame));
    say(this.#heartbeat());
    say({ type: "held_work", works: [], unsaved: [] });
    for (const taskId of taskIds) {
      this.#sayOf(taskId, say);
      say({ type: "grant_wanted", requestId: "of-an-old-boot", taskId, agentId: "simulated" });
    }
    const [waiting] = node.own.commands.filter(({ isAcknowledged }) => !isAcknowledged);
    if (waiting !== undefined) say({ type: "command_ack", commandId: waiting.command.commandId });
    this.#ports.machine.ports.time.after(5_000, () => this.#judge(waiting?.command.commandId ?? null));
  }

  /** The very event that comes next, by its number. */
  #sayOf(taskId: TaskId, say: (frame: UpFrame) => void): void {
    const { control, machine } = this.#ports;
    const facts = control.taskFacts(taskId);
    if (facts?.nodeId !== machine.nodeId) return;
    this.#said += 1;
    const observedAt = Math.floor(machine.ports.time.now);
    const text = `word ${this.#said} of an old boot`;
    const update = { sessionUpdate: "agent_message_chunk", content: { type: "text", text } };
    const event = { type: "agent_update" as const, turn: facts.turn?.number ?? 1, update };
    say({ type: "events", events: [{ taskId, seq: facts.nodeEventSeq + 1, observedAt, event }] });
  }

  /** Rule 3: what is acknowledged is never sent again, so it must be on the disk of the VM agent that is there. */
  #judge(commandId: string | null): void {
    const { machine, node } = this.#ports;
    if (commandId === null || !machine.isOn) return;
    const known = node.own.commands.find(({ command }) => command.commandId === commandId);
    if (known?.isAcknowledged !== true || machine.disk.hasCommand(commandId)) return;
    machine.ports.book.breach(3, machine.nodeId, `${commandId} is acknowledged by a VM agent that was replaced`);
  }
}
