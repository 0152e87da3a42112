/** The daemon: the parts of a VM agent, put together, started and stopped in their order. */
import { randomUUID } from "node:crypto";

import type { DownFrame, UpFrame } from "@sam/protocol/node-channel";
import { protocolVersion } from "@sam/protocol/version";

import { startableAgents } from "./agent/agent-table.ts";
import { DiskLayout } from "./boot/disk-layout.ts";
import { endLeftoverProcesses, removeStaleLocks } from "./boot/leftovers.ts";
import { readUserData, type Settings } from "./boot/settings.ts";
import { EventPump } from "./channel/event-pump.ts";
import { GrantDesk } from "./channel/grant-desk.ts";
import { NodeChannel } from "./channel/node-channel.ts";
import { heartbeat } from "./channel/vital-signs.ts";
import { messageOf } from "./clipped-text.ts";
import { logFact } from "./log.ts";
import { KnownSecrets } from "./secret/known-secrets.ts";
import { Inbox } from "./store/inbox.ts";
import { Keepsakes } from "./store/keepsakes.ts";
import { Outbox } from "./store/outbox.ts";
import { StateDatabase } from "./store/state-database.ts";
import { TaskRecords } from "./store/task-records.ts";
import type { NodeContext } from "./task/job.ts";
import { TaskRoster } from "./task/task-roster.ts";
import { KeptHomes } from "./teardown/kept-homes.ts";
import { vmAgentVersion } from "./version.ts";

/** Acknowledgements are written together, since one that is lost costs only a repetition. */
const tidyMs = 500;
const tendMs = 10_000;
const stopGraceMs = 1_500;

export class Daemon {
  readonly #settings: Settings;
  readonly #node: NodeContext;
  readonly #keepsakes: Keepsakes;
  readonly #grants: GrantDesk;
  readonly #roster: TaskRoster;
  readonly #pump: EventPump;
  readonly #channel: NodeChannel;
  readonly #bootId = randomUUID();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #onReplaced: () => void;

  /** @throws DiskTaken where another VM agent works on this disk. */
  constructor(settings: Settings, onReplaced: () => void) {
    this.#settings = settings;
    this.#onReplaced = onReplaced;
    const layout = new DiskLayout(settings.disk);
    layout.prepare();
    const state = new StateDatabase(layout.database);
    const secrets = new KnownSecrets();
    const outbox = new Outbox(state, (taskId) => secrets.mask(taskId));
    this.#grants = new GrantDesk((frame) => this.#channel.send(frame), settings.timings.grantMs);
    const records = new TaskRecords(state);
    const store = { state, outbox, inbox: new Inbox(state), records };
    const homes = new KeptHomes(layout, records);
    this.#node = { settings, layout, ...store, grants: this.#grants, secrets, homes };
    this.#keepsakes = new Keepsakes(state);
    this.#roster = new TaskRoster(this.#node);
    this.#pump = new EventPump(outbox, settings.timings.resendMs);
    // After the outbox has noted what is on the disk.
    state.onSync(() => () => this.#pump.pump());
    this.#channel = this.#makeChannel();
  }

  async start(): Promise<void> {
    const { layout, records, state, outbox, homes } = this.#node;
    await endLeftoverProcesses([...records.all()].flatMap(([taskId, { life }]) => (life === "buried" ? [] : [taskId])));
    removeStaleLocks(layout);
    await this.#roster.resume();
    homes.tend();
    this.#timers.push(
      setInterval(() => {
        if (outbox.hasAcknowledgements) void this.#roster.tidy();
      }, tidyMs),
      setInterval(() => {
        state.tend();
        this.#pump.resendIfSilent();
      }, tendMs),
    );
    logFact("started", { nodeId: this.#settings.userData.nodeId, version: vmAgentVersion, pid: process.pid });
    this.#channel.dial();
  }

  /** Ends every agent and leaves a state that the next boot goes on from. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#channel.stop();
    await this.#roster.stop(stopGraceMs);
    await this.#roster.tidy();
    logFact("stopped");
  }

  #makeChannel(): NodeChannel {
    const { userData, controlUrl, timings, disk } = this.#settings;
    const url = new URL(`${controlUrl.replace(/\/+$/, "")}/api/node-channel/${userData.nodeId}`);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    return new NodeChannel(
      { url, refusedRedialMs: timings.refusedRedialMs, welcomeMs: timings.welcomeMs },
      {
        token: () => this.#token(),
        hello: () => this.#hello(),
        heartbeat: () => heartbeat(disk, this.#roster),
        onWelcome: (socket) => {
          this.#pump.connect(socket);
          this.#grants.askAgain();
        },
        onFrame: (frame) => this.#onFrame(frame),
        onDisconnect: () => this.#pump.disconnect(),
        onReplaced: () => this.#onReplaced(),
      },
    );
  }

  async #onFrame(frame: Exclude<DownFrame, { type: "welcome" | "heartbeat_ack" }>): Promise<void> {
    switch (frame.type) {
      case "command": {
        const carryOut = await this.#roster.take(frame.command);
        this.#channel.send({ type: "command_ack", commandId: frame.command.commandId });
        carryOut?.();
        return;
      }
      case "event_ack":
        this.#node.outbox.acknowledge(frame.taskId, frame.seq);
        this.#pump.noteAcknowledgement();
        return;
      case "void_task":
        await this.#roster.voidTask(frame.taskId);
        return;
      case "token":
        await this.#keepsakes.keepToken({ token: frame.token, tokenExpiresAt: frame.tokenExpiresAt });
        logFact("token_kept", { expiresAt: frame.tokenExpiresAt });
        return;
      case "grant":
      case "grant_refused":
        this.#grants.answer(frame);
        return;
      case "refused":
        logFact("frame_refused", { detail: frame.detail.slice(0, 500) });
    }
  }

  #hello(): UpFrame {
    const isolation = { ...this.#settings.isolation, reasons: [...this.#settings.isolation.reasons] };
    const agents = startableAgents(this.#settings).slice(0, 64);
    return { type: "hello", protocol: protocolVersion, bootId: this.#bootId, vmAgentVersion, isolation, agents };
  }

  /** The newest of what the channel brought and what the machine was given, which may be written anew. */
  #token(): string {
    const given = this.#userData();
    const kept = this.#keepsakes.token();
    return kept !== null && kept.tokenExpiresAt >= given.tokenExpiresAt ? kept.token : given.token;
  }

  #userData(): Settings["userData"] {
    try {
      const now = readUserData(this.#settings.userDataPath);
      if (now.nodeId === this.#settings.userData.nodeId) return now;
    } catch (error) {
      logFact("user_data_unreadable", { error: messageOf(error) });
    }
    return this.#settings.userData;
  }
}
