/** A world for one test: a folder, a control plane, a VM agent on a disk, a repository, tasks. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { makeId, workspaceIdOf, type TaskId } from "@sam/domain/ids";
import { ulid } from "ulid";
import { expect } from "vitest";

import { endProcesses } from "../process/end-processes.ts";
import { readProcessTable } from "../process/process-table.ts";
import { findMarked } from "../process/task-mark.ts";
import { script, type Step } from "./agent-script.ts";
import type { Bundles } from "./bundles.ts";
import { ControlStandIn } from "./control-stand-in.ts";
import { RelayStandIn } from "./relay-stand-in.ts";
import { makeRepository } from "./repositories.ts";
import { VmAgentProcess, type VmAgentOptions } from "./vm-agent-process.ts";

const token = "a-token-of-a-test-that-is-long-enough-0001";

export interface WorldOptions extends Partial<Pick<VmAgentOptions, "disk" | "env" | "timings" | "smallDisk">> {
  readonly files?: Readonly<Record<string, string>>;
  /** Repositories are reached through a git relay. */
  readonly relay?: boolean;
}

export interface StartOptions {
  readonly agentId?: string;
  readonly incarnation?: number;
  readonly loadSessionId?: string | null;
  readonly homeOf?: TaskId;
  readonly workspaceOf?: TaskId;
}

export class World {
  readonly folder: string;
  readonly control: ControlStandIn;
  readonly vmAgent: VmAgentProcess;
  readonly disk: string;
  /** Path of a bare repository with one commit on `main`. */
  readonly repository: string;
  readonly token = token;
  readonly relay: RelayStandIn | null;
  readonly #tasks: TaskId[] = [];

  private constructor(
    folder: string,
    control: ControlStandIn,
    bundles: Bundles,
    options: WorldOptions,
    relay: RelayStandIn | null,
  ) {
    this.folder = folder;
    this.control = control;
    this.disk = options.disk ?? join(folder, "disk");
    this.repository = makeRepository(folder, options.files);
    this.relay = relay;
    const env = { ...options.env, ...(relay === null ? {} : { SAM_RELAY_SOCKET: join(folder, "relay.sock") }) };
    this.vmAgent = new VmAgentProcess({ bundles, controlUrl: control.url, token, ...options, env, disk: this.disk });
  }

  /** Makes a world and starts its VM agent. */
  static async make(bundles: Bundles, options: WorldOptions = {}): Promise<World> {
    const folder = mkdtempSync(join(tmpdir(), "sam-vm-agent-"));
    const control = await ControlStandIn.start(token);
    const relay = options.relay === true ? await RelayStandIn.start(join(folder, "relay.sock")) : null;
    const world = new World(folder, control, bundles, options, relay);
    world.vmAgent.start();
    return world;
  }

  newTask(): TaskId {
    const taskId = makeId("task", ulid());
    this.#tasks.push(taskId);
    return taskId;
  }

  branchOf(taskId: TaskId): string {
    return `sam/work-${taskId.slice(-6).toLowerCase()}`;
  }

  workspace(taskId: TaskId): string {
    return join(this.disk, "workspaces", workspaceIdOf(taskId));
  }

  createWorkspace(taskId: TaskId, repository: { url?: string; branch?: string | null; agentId?: string } = {}): string {
    return this.control.command(taskId, {
      type: "create_workspace",
      workspaceId: workspaceIdOf(taskId),
      repository: { url: repository.url ?? this.repository, branch: repository.branch ?? null },
      agentId: repository.agentId ?? "well",
      branch: this.branchOf(taskId),
    });
  }

  startAgent(taskId: TaskId, agentId = "well", incarnation = 1, loadSessionId: string | null = null): string {
    return this.startAgentIn(taskId, { agentId, incarnation, loadSessionId });
  }

  /** The same, in the home of another task. */
  startAgentIn(
    taskId: TaskId,
    { agentId = "well", incarnation = 1, loadSessionId = null, homeOf = taskId, workspaceOf = taskId }: StartOptions,
  ): string {
    const workspaceId = workspaceIdOf(workspaceOf);
    return this.control.command(taskId, {
      type: "start_agent",
      workspaceId,
      agentId,
      homeOf,
      loadSessionId,
      incarnation,
    });
  }

  prompt(taskId: TaskId, turn: number, ...steps: readonly Step[]): string {
    return this.control.command(taskId, { type: "prompt", turn, text: script(...steps), resume: false });
  }

  deliver(taskId: TaskId, checkCommand: string | null = null): string {
    const branch = this.branchOf(taskId);
    return this.control.command(taskId, { type: "deliver", branch, commitMessage: "The work of a test", checkCommand });
  }

  tearDown(taskId: TaskId): string {
    return this.control.command(taskId, { type: "tear_down", workspaceId: workspaceIdOf(taskId) });
  }

  /** A task with a workspace and an agent that is ready. */
  async readyTask(agentId = "well"): Promise<TaskId> {
    const taskId = this.newTask();
    this.createWorkspace(taskId);
    this.startAgent(taskId, agentId);
    await this.control.event(taskId, "agent_ready");
    return taskId;
  }

  /** The pids of what is running of the tasks of this world. */
  processes(taskIds: readonly TaskId[] = this.#tasks): number[] {
    return findMarked(readProcessTable(), taskIds).map((entry) => entry.pid);
  }

  /** What the test agent noted about its starts and prompts. */
  agentLog(taskId: TaskId): string[] {
    const path = this.vmAgent.agentLogPath;
    const lines = existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
    return lines.filter((line) => line.startsWith(taskId)).map((line) => line.slice(taskId.length + 1));
  }

  mirror(): string {
    const [name = ""] = readdirSync(join(this.disk, "mirrors"));
    return join(this.disk, "mirrors", name);
  }

  /** What must hold at the end of every test: the protocol was kept, the log was one of facts, and nothing runs on. */
  async end(): Promise<void> {
    await this.vmAgent.stop();
    const left = this.processes();
    await endProcesses(this.#tasks, { graceMs: 0, giveUpMs: 5_000 });
    await this.control.stop();
    this.relay?.stop();
    rmSync(this.folder, { recursive: true, force: true });
    expect(this.control.violations).toEqual([]);
    expect(
      this.vmAgent.log.filter((line) =>
        ["not_a_fact", "unhandled_rejection", "uncaught_exception", "event_not_of_protocol"].includes(line.fact),
      ),
    ).toEqual([]);
    expect(left).toEqual([]);
  }
}
