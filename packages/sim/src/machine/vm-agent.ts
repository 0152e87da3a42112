/** A simulated VM agent: the real channel, stores, roster and desks, on a machine of the simulator. */
import type { UpFrame } from "@sam/protocol/node-channel";
import { protocolVersion } from "@sam/protocol/version";

import { DiskLayout } from "../../../../apps/vm-agent/src/boot/disk-layout.ts";
import type { Settings } from "../../../../apps/vm-agent/src/boot/settings.ts";
import type { GrantSource } from "../../../../apps/vm-agent/src/channel/grant-desk.ts";
import { NodeDuty } from "../../../../apps/vm-agent/src/node-duty.ts";
import { SavedWorks } from "../../../../apps/vm-agent/src/saved/saved-works.ts";
import { WorkKeeper } from "../../../../apps/vm-agent/src/saved/work-keeper.ts";
import { KnownSecrets } from "../../../../apps/vm-agent/src/secret/known-secrets.ts";
import { Inbox } from "../../../../apps/vm-agent/src/store/inbox.ts";
import { Keepsakes } from "../../../../apps/vm-agent/src/store/keepsakes.ts";
import { Outbox } from "../../../../apps/vm-agent/src/store/outbox.ts";
import { TaskRecords } from "../../../../apps/vm-agent/src/store/task-records.ts";
import { KeptHomes } from "../../../../apps/vm-agent/src/teardown/kept-homes.ts";
import { inScene, Life } from "../time/life.ts";
import { short } from "../trace.ts";
import type { Machine } from "./machine.ts";
import { MemoryState } from "./memory-state.ts";
import { handsOf } from "./work/saved-work.ts";
import { simulatedWork } from "./work/simulated-work.ts";

const timings: Omit<Settings["timings"], "tendMs"> = {
  refusedRedialMs: 30_000,
  welcomeMs: 15_000,
  resendMs: 30_000,
  cancelMs: 5_000,
  sessionMs: 50_000,
  strayMs: 5_000,
  grantMs: 30_000,
  modelAnswerMs: 180_000,
  savePushMs: 60_000,
  saveRetryMs: 60_000,
  graceMs: 2_000,
};

const isolation: Settings["isolation"] = { processes: "machine", limits: "machine", reasons: [] };

/** Starts one on this machine. @returns its life, which ends with the process. */
export function startVmAgent(machine: Machine): Life {
  const life = new Life(`vm ${short(machine.nodeId)}#${machine.boots}`, () => machine.clockAheadMs);
  inScene({ life, call: "boot" }, () => {
    const duty = dutyOf(machine, life);
    machine.endLeftovers();
    void duty.resume().then(() => duty.begin());
  });
  return life;
}

function dutyOf(machine: Machine, life: Life): NodeDuty {
  const { time, gate } = machine.ports;
  const { userData } = machine;
  const state = new MemoryState(machine.disk.sql, time, life, () => gate.delayMs());
  const secrets = new KnownSecrets();
  const outbox = new Outbox(state, (taskId) => secrets.mask(taskId));
  const records = new TaskRecords(state);
  const keepsakes = new Keepsakes(state);
  const stores = { state, outbox, inbox: new Inbox(state), records };
  const layout = new DiskLayout("/simulated");
  const settings = settingsOf(machine);
  const homes = new KeptHomes(layout, records);
  const saved = new SavedWorks(state);
  const node = (grants: GrantSource) => ({ settings, layout, ...stores, grants, secrets, homes, saved });
  const { bootId } = machine;
  return new NodeDuty({
    ...stores,
    keepsakes,
    work: (grants) => simulatedWork(node(grants), machine),
    savedWork: (grants, send) => new WorkKeeper(node(grants), send, handsOf(machine)),
    url: new URL(`ws://control.test/api/node-channel/${machine.nodeId}`),
    dial: (_url, token) => machine.ports.dial(machine, token),
    timings: settings.timings,
    token: () => {
      const kept = keepsakes.token();
      return kept !== null && kept.tokenExpiresAt >= userData.tokenExpiresAt ? kept.token : userData.token;
    },
    hello: (): UpFrame => {
      const agents = ["simulated"];
      return {
        type: "hello",
        protocol: protocolVersion,
        bootId,
        vmAgentVersion: "0",
        isolation: { ...isolation, reasons: [] },
        agents,
      };
    },
    heartbeat: (roster): UpFrame => {
      const size = { memoryTotalBytes: 4e9, memoryFreeBytes: 2e9, diskTotalBytes: 4e10, diskFreeBytes: 2e10 };
      return { type: "heartbeat", load1: 0, ...size, workspaces: roster.standing() };
    },
    onReplaced: () => life.end(),
  });
}

function settingsOf({ userData, ports }: Machine): Settings {
  return {
    userDataPath: "/simulated/user-data",
    userData,
    disk: "/simulated",
    controlUrl: userData.controlUrl,
    isolation,
    runbook: null,
    relay: null,
    extraAgents: {},
    agentSource: { socket: null, cache: "/simulated/agents", recipes: "/simulated/recipes" },
    timings: { ...timings, tendMs: ports.tendMs },
  };
}
