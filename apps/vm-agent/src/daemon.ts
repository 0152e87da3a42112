/** The daemon: the parts of a VM agent, put together with its disk and its processes, started and stopped in their order. */
import { randomUUID } from "node:crypto";

import type { UpFrame } from "@sam/protocol/node-channel";
import { protocolVersion } from "@sam/protocol/version";

import { startableAgents } from "./agent/agent-table.ts";
import { DiskLayout } from "./boot/disk-layout.ts";
import { endLeftoverProcesses, removeRemains, removeStaleLocks } from "./boot/leftovers.ts";
import { readUserData, type Settings } from "./boot/settings.ts";
import type { Dial } from "./channel/dial.ts";
import type { GrantSource } from "./channel/grant-desk.ts";
import { heartbeat } from "./channel/vital-signs.ts";
import { messageOf } from "./clipped-text.ts";
import { logFact } from "./log.ts";
import { NodeDuty } from "./node-duty.ts";
import { SavedWorks } from "./saved/saved-works.ts";
import { WorkKeeper } from "./saved/work-keeper.ts";
import { KnownSecrets } from "./secret/known-secrets.ts";
import { Inbox } from "./store/inbox.ts";
import { Keepsakes } from "./store/keepsakes.ts";
import { Outbox } from "./store/outbox.ts";
import { StateDatabase } from "./store/state-database.ts";
import { TaskRecords } from "./store/task-records.ts";
import { workOn } from "./task/carry-out.ts";
import { KeptHomes } from "./teardown/kept-homes.ts";
import { vmAgentVersion } from "./version.ts";
import { KeptMirrors } from "./workspace/kept-mirrors.ts";

const stopGraceMs = 1_500;
const mirrorsTendMs = 60 * 60_000;

export class Daemon {
  readonly #settings: Settings;
  readonly #layout: DiskLayout;
  readonly #records: TaskRecords;
  readonly #homes: KeptHomes;
  readonly #mirrors: KeptMirrors;
  readonly #keepsakes: Keepsakes;
  readonly #duty: NodeDuty;
  readonly #bootId = randomUUID();
  #mirrorsTimer: NodeJS.Timeout | null = null;

  /** @throws DiskTaken where another VM agent works on this disk. */
  constructor(settings: Settings, onReplaced: () => void) {
    this.#settings = settings;
    const layout = new DiskLayout(settings.disk);
    layout.prepare();
    const state = new StateDatabase(layout.database);
    const secrets = new KnownSecrets();
    const outbox = new Outbox(state, (taskId) => secrets.mask(taskId));
    const records = new TaskRecords(state);
    const homes = new KeptHomes(layout, records);
    const saved = new SavedWorks(state);
    const stores = { state, outbox, inbox: new Inbox(state), records };
    this.#layout = layout;
    this.#records = records;
    this.#homes = homes;
    this.#mirrors = new KeptMirrors(layout, records);
    this.#keepsakes = new Keepsakes(state);
    const node = (grants: GrantSource) => ({ settings, layout, ...stores, grants, secrets, homes, saved });
    this.#duty = new NodeDuty({
      ...stores,
      keepsakes: this.#keepsakes,
      work: (grants) => workOn(node(grants)),
      savedWork: (grants, send) => new WorkKeeper(node(grants), send),
      url: channelUrl(settings),
      dial: dialWebSocket,
      timings: settings.timings,
      token: () => this.#token(),
      hello: () => this.#hello(),
      heartbeat: (roster) => heartbeat(settings.disk, roster),
      onReplaced,
    });
  }

  async start(): Promise<void> {
    const tasks = [...this.#records.all()];
    await endLeftoverProcesses(tasks.flatMap(([taskId, { life }]) => (life === "buried" ? [] : [taskId])));
    removeStaleLocks(this.#layout);
    await removeRemains(this.#layout, this.#records.all());
    await this.#duty.resume();
    this.#homes.tend();
    this.#mirrors.tend();
    this.#mirrorsTimer = setInterval(() => this.#mirrors.tend(), mirrorsTendMs);
    logFact("started", { nodeId: this.#settings.userData.nodeId, version: vmAgentVersion, pid: process.pid });
    this.#duty.begin();
  }

  /** Ends every agent and leaves a state that the next boot goes on from. */
  async stop(): Promise<void> {
    clearInterval(this.#mirrorsTimer ?? undefined);
    await this.#duty.end(stopGraceMs);
    logFact("stopped");
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

const dialWebSocket: Dial = (url, token) => new WebSocket(url, { headers: { authorization: `Bearer ${token}` } });

function channelUrl({ userData, controlUrl }: Settings): URL {
  const url = new URL(`${controlUrl.replace(/\/+$/, "")}/api/node-channel/${userData.nodeId}`);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url;
}
