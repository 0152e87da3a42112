/**
 * The bindings of a simulated control plane: D1, its objects as RPC reaches them, and the machine host. As much of the
 * platform's types as the logic uses.
 */
import type { NodeId, TaskId } from "@sam/domain/ids";
import type { Outage } from "@sam/domain/outage";
import type { Settings } from "@sam/domain/settings";

import type { Env } from "../../../../apps/control/src/env.ts";
import type { NodeLifecycleLogic } from "../../../../apps/control/src/node/node-lifecycle-logic.ts";
import type { TaskRunnerLogic } from "../../../../apps/control/src/task/task-runner-logic.ts";
import type { MachineHost } from "../machine/machine-host.ts";
import type { SimulatedD1 } from "../storage/simulated-d1.ts";

export const installationId = "01JS1MULATEDWXRLDXXXXXXXXX";

const taskCalls = [
  "submit",
  "view",
  "transitions",
  "ask",
  "say",
  "left",
  "nodeObserved",
  "contact",
  "capacityFreed",
  "vmAgentEvents",
  "savedWork",
  "savedWorkReported",
  "savedWorkForgotten",
  "savedWorkDelivered",
  "probe",
  "recover",
  "projectAgain",
] as const satisfies readonly (keyof TaskRunnerLogic)[];

const nodeCalls = [
  "request",
  "claim",
  "release",
  "observe",
  "view",
  "enqueue",
  "giveUp",
  "giveUpFor",
  "forgetSavedWork",
  "serverUnlisted",
  "probe",
  "recover",
  "projectAgain",
] as const satisfies readonly (keyof NodeLifecycleLogic)[];

/** Calls a method of an object by its name, over the network. */
type RemoteCall = (name: string, args: readonly unknown[]) => Promise<unknown>;

export interface EnvPorts {
  readonly database: SimulatedD1;
  readonly machineHost: MachineHost;
  readonly settings: Settings;
  readonly outages: readonly Outage[];
  readonly callTask: (taskId: TaskId, name: string, args: readonly unknown[]) => Promise<unknown>;
  readonly callNode: (nodeId: NodeId, name: string, args: readonly unknown[]) => Promise<unknown>;
}

/**
 * A class, since V8 keeps whatever the getter of a literal reaches, here its whole world, until it collects everything.
 */
class SimulatedBindings {
  readonly DB: SimulatedD1;
  readonly TASK_RUNNER: { getByName(id: TaskId): object };
  readonly NODE_LIFECYCLE: { getByName(id: NodeId): object };
  readonly MACHINE_HOST: MachineHost;
  readonly INSTALLATION_ID = installationId;
  readonly CONTROL_URL = "http://control.test";
  readonly PROVIDER = "local";
  readonly SETTINGS: string;
  readonly SAM_VERSION = "simulated";
  readonly #outages: readonly Outage[];

  constructor({ database, machineHost, settings, outages, callTask, callNode }: EnvPorts) {
    this.DB = database;
    this.TASK_RUNNER = { getByName: (id) => new TaskStub((name, args) => callTask(id, name, args)) };
    this.NODE_LIFECYCLE = { getByName: (id) => new NodeStub((name, args) => callNode(id, name, args)) };
    this.MACHINE_HOST = machineHost;
    this.SETTINGS = JSON.stringify(settings);
    this.#outages = outages;
  }

  get OUTAGES(): string {
    return JSON.stringify(this.#outages);
  }
}

export function simulatedEnv(ports: EnvPorts): Env {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as much of the platform's types as the logic uses
  return new SimulatedBindings(ports) as unknown as Env;
}

const TaskStub = stubOf(taskCalls);
const NodeStub = stubOf(nodeCalls);

function stubOf(names: readonly string[]): new (call: RemoteCall) => object {
  class Stub {
    readonly call: RemoteCall;
    constructor(call: RemoteCall) {
      this.call = call;
    }
  }
  for (const name of names) {
    const value = function ask(this: Stub, ...args: unknown[]) {
      return this.call(name, args);
    };
    Object.defineProperty(Stub.prototype, name, { value });
  }
  return Stub;
}

/** As an RPC does it: by the method's name. */
export function invoke(logic: object, name: string, args: readonly unknown[]): unknown {
  const method: unknown = Reflect.get(logic, name);
  if (typeof method !== "function") throw new TypeError(`there is no ${name}`);
  return Reflect.apply(method, logic, args);
}
