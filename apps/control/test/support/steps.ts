/** How a task is taken to any step of its lifecycle, through the real triggers, and left there. */
import type { NodeId, TaskId } from "@sam/domain/ids";
import { nonFinalSteps, taskLifecycle, type NonFinalStep } from "@sam/domain/task-lifecycle";

import type { DoubleBehaviour } from "./machine-host-double.ts";
import { Scene, takeTableAway } from "./scene.ts";
import type { VmAgentDouble } from "./vm-agent-double.ts";
import { accepted, agentReady, checkedOut, permissionRequested, turnEnded } from "./vm-agent-script.ts";
import { double, eventually } from "./world.ts";

/** A task in some step, with what belongs to it there. */
export interface Standing {
  readonly scene: Scene;
  readonly taskId: TaskId;
  readonly nodeId: NodeId | null;
  readonly agent: VmAgentDouble | null;
  /** Undoes what was broken to hold the task there. */
  readonly mend: () => Promise<void>;
}

interface Driver {
  /** The step that is reached first; null: a task is submitted, with the provider behaving so. */
  readonly after: NonFinalStep | null;
  readonly provider: Partial<DoubleBehaviour>;
  readonly breaks: string | null;
  readonly reach: (agent: VmAgentDouble, taskId: TaskId, scene: Scene) => Promise<unknown>;
}

const nothing = () => Promise.resolve();
const fromStart = (provider: Partial<DoubleBehaviour>): Driver => ({
  after: null,
  provider,
  breaks: null,
  reach: nothing,
});
const from = (after: NonFinalStep, reach: Driver["reach"]): Driver => ({ after, provider: {}, breaks: null, reach });

/** A step without a driver does not compile; nor does it run, where the table was changed behind the types. */
export const drivers: Record<NonFinalStep, Driver> = {
  // The search reads the nodes' rows; while it cannot, the task waits for its decision.
  node_selection: { ...fromStart({}), breaks: "nodes" },
  waiting_for_node_capacity: fromStart({ refuseCreate: { status: 403, code: "resource_limit_exceeded" } }),
  node_provisioning: fromStart({ status: "initializing" }),
  node_agent_ready: fromStart({ status: "running" }),
  workspace_creation: from("node_agent_ready", (agent, taskId) => agent.command(taskId, "create_workspace")),
  workspace_ready: from("workspace_creation", (agent, taskId) => agent.say(taskId, accepted)),
  agent_session: from("workspace_ready", (agent, taskId) => agent.say(taskId, checkedOut)),
  running: from("agent_session", async (agent, taskId) => {
    await agent.command(taskId, "start_agent");
    await agent.say(taskId, agentReady());
    await agent.command(taskId, "prompt");
  }),
  awaiting_input: from("running", (agent, taskId) => agent.say(taskId, permissionRequested)),
  delivery: from("running", async (agent, taskId) => {
    await agent.say(taskId, turnEnded());
    await agent.command(taskId, "deliver");
  }),
  cancelling: from("running", async (agent, taskId, scene) => {
    await scene.client.cancel(taskId);
    await agent.command(taskId, "tear_down");
  }),
};

export const waitingSteps = nonFinalSteps.filter((step) => !taskLifecycle[step].final);

/** Takes a new task to a step, where nobody then says anything more. */
export async function taskIn(step: NonFinalStep, request: Record<string, unknown> = {}): Promise<Standing> {
  const route = routeTo(step);
  const first = route[0];
  if (first === undefined) throw new Error(`no driver takes a task to ${step}`);
  const scene = await Scene.open(first.driver.provider);
  const mend = first.driver.breaks === null ? nothing : await takeTableAway(first.driver.breaks);
  const taskId = await scene.submit(request);
  await scene.inStep(taskId, first.step);
  const rest = route.slice(1);
  const agent = rest.length === 0 ? null : await scene.bootAgentOf(taskId);
  for (const { step: next, driver } of rest) {
    if (agent !== null) await driver.reach(agent, taskId, scene);
    await scene.inStep(taskId, next);
  }
  const { nodeId } = await scene.client.task(taskId);
  if (nodeId !== null) await eventuallyQuiet(scene, taskId, nodeId);
  return { scene, taskId, nodeId, agent, mend };
}

/** A task on a node whose VM agent is connected. */
export interface Connected extends Standing {
  readonly nodeId: NodeId;
  readonly agent: VmAgentDouble;
}

export async function connectedIn(step: NonFinalStep): Promise<Connected> {
  const standing = await taskIn(step);
  const { nodeId, agent } = standing;
  if (nodeId === null || agent === null) throw new Error(`${step} has no VM agent`);
  return { ...standing, nodeId, agent };
}

function routeTo(step: NonFinalStep): { step: NonFinalStep; driver: Driver }[] {
  const driver = drivers[step];
  return [...(driver.after === null ? [] : routeTo(driver.after)), { step, driver }];
}

/** What was set in motion on the way has come to rest: from here on only what the test does moves anything. */
async function eventuallyQuiet(scene: Scene, taskId: TaskId, nodeId: NodeId): Promise<void> {
  await eventually(
    "the provider's server",
    () => double.state(),
    (state) => state.creates > 0,
  );
  await scene.settled(taskId, nodeId);
}
