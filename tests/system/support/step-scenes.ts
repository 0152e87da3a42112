/**
 * A scene brings a task into one step of the lifecycle for real, and holds it there until it is let go. There is one for
 * every step that is not final.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { makeId, type TaskId } from "@sam/domain/ids";
import type { NonFinalStep, TaskStep } from "@sam/domain/task-lifecycle";
import { ulid } from "ulid";

import type { TaskRequest } from "../../../apps/sam/src/client/api-client.ts";
import { GitServer } from "./git-server.ts";
import type { Repository } from "./repository.ts";
import { stepOnDisk } from "./runner-file.ts";
import { bootGate, provisioningGate } from "./stage.ts";
import { System, type SystemOptions } from "./system.ts";
import { beAlone, forgetTestimony, testimony, witnessed } from "./witness.ts";

/** A scene that is being played. */
export interface Play {
  readonly system: System;
  readonly repository: Repository;
  readonly server: GitServer;
}

export interface Scene {
  /** What the system must be started with. */
  readonly settings?: NonNullable<SystemOptions["settings"]>;
  /** Brings a new task into the step, and resolves when it is held there. */
  readonly reach: (play: Play) => Promise<TaskId>;
  /** Lets it go on, in a system that runs. */
  readonly release: (play: Play, taskId: string) => void | Promise<void>;
  /** How the task ends where it was left alone. */
  readonly ends: "completed" | "cancelled";
}

export const workGate = "work";
const otherWorkGate = "other-work";
const sessionGate = "session";
const checkGate = "check";

/** What every task of a scene writes, and nothing else. */
export const workFile = "work.txt";
export const workText = "first, second, third";

const testLimits = { capacityPollMs: 500, nodePollMs: 500, providerPollMs: 200 };

type Finisher = Parameters<typeof System.prepare>[0];

/** Starts a system that scenes can be played on; it ends with the test. */
export async function startPlay(test: Finisher, options: SystemOptions = {}): Promise<Play> {
  const system = await System.prepare(test, { ...options, settings: { ...testLimits, ...options.settings } });
  const { stage, dataDirectory, folder } = system;
  const command = ["/bin/sh", "-c", `${beAlone("task")}\nexec "$@"`, "sh", process.execPath, stage.standInAgent];
  const agents = { "stand-in": { command: [...command, stage.gatePath(sessionGate)] } };
  writeFileSync(join(dataDirectory, "agents.json"), JSON.stringify(agents));
  const [repository, server] = await Promise.all([system.repository(), GitServer.start(test, folder), system.up()]);
  return { system, repository, server };
}

/** Three blocks, of which the second waits at a gate. Each line is said once, and each block shows that it is alone. */
function runbook({ system }: Play, gate: string, name = "task"): string {
  const wait = `trap 'exit 143' TERM\n${system.stage.wait(gate)}`;
  const blocks = [
    witnessed(name, "first", `printf 'first, ' >${workFile}\necho "line one"`),
    witnessed(name, "second", `${wait}\nprintf 'second, ' >>${workFile}\necho "line two"`),
    witnessed(name, "third", `echo third >>${workFile}\necho "line three"`),
  ];
  return blocks.map((block, index) => `Part ${index + 1} of the ${name}.\n\n\`\`\`sh\n${block}\n\`\`\`\n`).join("\n");
}

const check = witnessed("task", "check", `grep -qx '${workText}' ${workFile}`);

function request(play: Play, changes: Partial<TaskRequest> = {}): TaskRequest {
  return {
    prompt: runbook(play, workGate),
    repository: { url: play.repository.path },
    checkCommand: check,
    ...changes,
  };
}

/** A task that keeps a node's slot for as long as its gate is shut. */
async function occupyNode(play: Play): Promise<void> {
  const { system } = play;
  system.stage.shut(otherWorkGate);
  const prompt = runbook(play, otherWorkGate, "other-task");
  const { taskId } = await system.submit(request(play, { prompt, checkCommand: null }));
  await system.untilStep(taskId, "running");
}

/** A node that stands ready and has nothing to do. */
async function warmUp(play: Play): Promise<void> {
  const { system } = play;
  const { taskId } = await system.submit(
    request(play, { prompt: "write warm.txt up", agentId: "stand-in", checkCommand: null }),
  );
  await system.untilFinal(taskId);
  const isWarm = async () => (await system.api.nodes()).nodes.some(({ state }) => state === "warm");
  await system.until("the node is warm", isWarm, { taskId });
}

async function submitAndReach(play: Play, step: TaskStep, changes: Partial<TaskRequest> = {}): Promise<TaskId> {
  const { taskId } = await play.system.submit(request(play, changes));
  await play.system.untilStep(taskId, step);
  return taskId;
}

const maxCatches = 40;

/**
 * Nothing outside takes part in a selection, so nothing outside can hold it: the control plane is frozen as soon as its
 * disk shows that the task was accepted, and the disk then says whether that was in time.
 */
async function catchInSelection(play: Play): Promise<TaskId> {
  const { system } = play;
  for (let attempt = 0; attempt < maxCatches; attempt += 1) {
    const taskId = makeId("task", ulid());
    // Its answer may get lost with the control plane; the task stays accepted.
    const answered = system.api.submit(request(play), taskId).then(
      () => undefined,
      () => undefined,
    );
    const isAccepted = () => stepOnDisk(system.dataDirectory, taskId) !== null && system.rowChanges(taskId).length > 0;
    await system.until("the task is accepted", isAccepted, { intervalMs: 1 });
    await system.freeze("workerd");
    if (stepOnDisk(system.dataDirectory, taskId) === "node_selection") return taskId;
    system.thaw();
    await answered;
    await system.untilFinal(taskId);
    forgetTestimony(system, "task");
  }
  throw new Error(`none of ${maxCatches} tasks was caught while its node was selected`);
}

/** The second block stands at its gate, and the witness says so. */
async function reachWork(play: Play, prompt = runbook(play, workGate)): Promise<TaskId> {
  const { system } = play;
  system.stage.shut(workGate);
  const taskId = await submitAndReach(play, "running", { prompt });
  const isAtWork = () => testimony(system, "task").includes("second begins");
  await system.until("the second block has begun", isAtWork, { taskId });
  return taskId;
}

/** A sandbox is held while it is made. A plain process is there at once, so there the machine host is held itself. */
async function holdProvisioning(play: Play): Promise<TaskId> {
  const { system } = play;
  const isSandboxed = await system.isSandboxed();
  if (isSandboxed) system.stage.shut(provisioningGate);
  else await system.freeze("launcher");
  const taskId = await submitAndReach(play, "node_provisioning");
  if (isSandboxed) await system.until("the server is being made", () => system.has("VM agent"), { taskId });
  return taskId;
}

export const scenes: { readonly [Step in NonFinalStep]: Scene } = {
  node_selection: {
    settings: { tasksPerNode: 1, maxNodes: 4 },
    reach: async (play) => {
      await occupyNode(play);
      return catchInSelection(play);
    },
    release: ({ system }) => {
      system.thaw();
      system.stage.open(otherWorkGate);
    },
    ends: "completed",
  },
  waiting_for_node_capacity: {
    settings: { maxNodes: 1, tasksPerNode: 1 },
    reach: async (play) => {
      await occupyNode(play);
      return submitAndReach(play, "waiting_for_node_capacity");
    },
    release: ({ system }) => system.stage.open(otherWorkGate),
    ends: "completed",
  },
  node_provisioning: {
    reach: holdProvisioning,
    release: ({ system }) => {
      system.thaw();
      system.stage.open(provisioningGate);
    },
    ends: "completed",
  },
  node_agent_ready: {
    reach: (play) => {
      play.system.stage.shut(bootGate);
      return submitAndReach(play, "node_agent_ready");
    },
    release: ({ system }) => system.stage.open(bootGate),
    ends: "completed",
  },
  workspace_creation: {
    reach: async (play) => {
      await warmUp(play);
      await play.system.freeze("VM agent");
      return submitAndReach(play, "workspace_creation");
    },
    release: ({ system }) => system.thaw(),
    ends: "completed",
  },
  workspace_ready: {
    reach: async (play) => {
      play.server.stall();
      return submitAndReach(play, "workspace_ready", { repository: { url: play.server.url("project.git") } });
    },
    release: ({ server }) => server.goOn(),
    ends: "completed",
  },
  agent_session: {
    reach: (play) => {
      play.system.stage.shut(sessionGate);
      return submitAndReach(play, "agent_session", { prompt: `write ${workFile} ${workText}`, agentId: "stand-in" });
    },
    release: ({ system }) => system.stage.open(sessionGate),
    ends: "completed",
  },
  running: {
    reach: (play) => reachWork(play),
    release: ({ system }) => system.stage.open(workGate),
    ends: "completed",
  },
  awaiting_input: {
    reach: (play) =>
      submitAndReach(play, "awaiting_input", { prompt: `ask ${workFile} ${workText}`, agentId: "stand-in" }),
    release: ({ system }, taskId) => consent(system, taskId),
    ends: "completed",
  },
  delivery: {
    reach: async (play) => {
      const { system } = play;
      system.stage.shut(checkGate);
      const checkCommand = `${check}\n${system.stage.wait(checkGate)}`;
      const taskId = await submitAndReach(play, "delivery", { checkCommand });
      const isChecking = () => testimony(system, "task").includes("check ends");
      await system.until("the check has begun", isChecking, { taskId });
      return taskId;
    },
    release: ({ system }) => system.stage.open(checkGate),
    ends: "completed",
  },
  cancelling: {
    reach: async (play) => {
      const { system } = play;
      const prompt = runbook(play, workGate).replaceAll("trap 'exit 143' TERM", "trap '' TERM");
      const taskId = await reachWork(play, prompt);
      await system.api.cancel(taskId);
      await system.untilStep(taskId, "cancelling");
      return taskId;
    },
    release: () => undefined,
    ends: "cancelled",
  },
};

/** Allows what the agent asks for, until it has ended: an agent that was started again asks again. */
async function consent(system: System, taskId: string): Promise<void> {
  await system.until(
    "the task takes an answer and goes on",
    async () => {
      const { permission, final, step } = await system.api.task(taskId);
      const option = permission?.options.find(({ kind }) => kind === "allow_once");
      if (permission !== null && option !== undefined) {
        await system.api.answer(taskId, { requestId: permission.requestId, optionId: option.optionId });
      }
      return final || step === "delivery";
    },
    { taskId },
  );
}
