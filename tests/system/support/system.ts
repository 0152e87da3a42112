/**
 * A whole SAM on a data directory, a stage and a port of its own: started as a person starts it, spoken to over its API,
 * and killed without mercy.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { SettingName } from "@sam/domain/settings";
import { isFinal } from "@sam/domain/task-lifecycle";
import type { TaskView } from "@sam/protocol/task-api";

import { ApiClient, type TaskRequest } from "../../../apps/sam/src/client/api-client.ts";
import { locateSystem } from "../../../apps/sam/src/client/endpoint.ts";
import { locateDataDirectory } from "../../../apps/sam/src/data-directory/data-directory.ts";
import { inspectIsolation } from "../../../apps/sam/src/machine-host/machine-host.ts";
import { freePort } from "../../../apps/sam/test/support/free-port.ts";
import { Belongings, type NodeProcesses } from "./belongings.ts";
import { Conversation, describeMessage, readMessages } from "./conversation.ts";
import { type Ended, launch, type Launcher, runSam } from "./launcher.ts";
import { descendantsOf, describeProcess, isAlive, isFrozen, type ProcessEntry } from "./process-table.ts";
import { Repository } from "./repository.ts";
import { Stage } from "./stage.ts";
import { fillDataDirectory, type RowChange, rowChanges } from "./template.ts";
import { NoLongerPossible, until, type Wait } from "./until.ts";

export interface SystemOptions {
  /** `plain`: the sandbox doesn't work here. Default: auto. */
  readonly isolation?: "auto" | "plain";
  readonly settings?: { readonly [Name in SettingName]?: number };
  /** Waits of the VM agents' own that are shortened, by name. */
  readonly timings?: Readonly<Record<string, number>>;
  /** Code that each VM agent runs before it begins. */
  readonly prelude?: string;
  /** Further variables of the launcher. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Part of a test's context. */
interface Finisher {
  onTestFinished(fn: () => Promise<void>): void;
}

/** Who can be killed. */
export type Victim = "launcher" | "workerd" | "VM agent";

const tailLines = 25;
/** Each look is a request. */
const taskIntervalMs = 75;
const goneTimeoutMs = 5_000;

export class System {
  readonly folder: string;
  readonly dataDirectory: string;
  readonly stage: Stage;
  readonly api: ApiClient;
  readonly belongings: Belongings;
  readonly #options: SystemOptions;
  readonly #frozen: Pick<ProcessEntry, "pid" | "startTicks">[] = [];
  readonly #conversations: Conversation[] = [];
  #port: number | null = null;
  #launcher: Launcher | null = null;

  private constructor(folder: string, options: SystemOptions) {
    this.folder = folder;
    this.dataDirectory = join(folder, "data");
    this.#options = options;
    const { isolation = "auto", timings = {}, prelude = "" } = options;
    this.stage = new Stage(join(folder, "stage"), { isolation, timings, prelude });
    this.api = new ApiClient(locateSystem(locateDataDirectory(this.dataDirectory)));
    this.belongings = new Belongings(this.dataDirectory);
  }

  /** Starts a system that ends, with all that it left, when the test ends, however it ends. */
  static async start(test: Finisher, options: SystemOptions = {}): Promise<System> {
    const system = await System.prepare(test, options);
    await system.up();
    return system;
  }

  /** As `start`, not yet up. */
  static async prepare(test: Finisher, options: SystemOptions = {}): Promise<System> {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "sam-system-")));
    const system = new System(folder, options);
    test.onTestFinished(() => system.destroy());
    await fillDataDirectory(system.dataDirectory);
    return system;
  }

  /** `sam up`; the second time on the port of the first. Resolves when it is ready. */
  async up(): Promise<void> {
    this.#port ??= await freePort();
    const { dataDirectory } = this;
    this.#launcher = await launch({ dataDirectory, port: this.#port, environment: this.environment });
  }

  /** `sam down`. */
  down(): Promise<Ended> {
    return this.sam("down", "--json");
  }

  /** Runs a `sam` command on this data directory to its end. */
  sam(...args: readonly string[]): Promise<Ended> {
    return runSam(args, { dataDirectory: this.dataDirectory, environment: this.environment });
  }

  get launcher(): Launcher {
    if (this.#launcher === null) throw new Error("the system was not started");
    return this.#launcher;
  }

  repository(name = "project", files?: Readonly<Record<string, string>>): Promise<Repository> {
    return Repository.create(join(this.folder, `${name}.git`), files);
  }

  submit(request: TaskRequest): Promise<TaskView> {
    return this.api.submit(request);
  }

  /** Follows a task's conversation from its beginning, until the test ends. */
  follow(taskId: string): Conversation {
    const conversation = new Conversation(this.api, taskId);
    this.#conversations.push(conversation);
    return conversation;
  }

  rowChanges(taskId: string): readonly RowChange[] {
    return rowChanges(this.dataDirectory, taskId);
  }

  /** The nodes' disks, as absolute paths; a node keeps what a test's block writes beside its workspaces. */
  nodeDisks(): readonly string[] {
    const servers = join(this.dataDirectory, "machine-host/servers");
    return namesIn(servers).map((name) => join(servers, name, "disk"));
  }

  /** The only node that has a process now. */
  node(): NodeProcesses {
    const [only, ...others] = this.belongings.nodes();
    if (only === undefined || others.length > 0) throw new Error(`there are ${others.length + (only ? 1 : 0)} nodes`);
    return only;
  }

  /** Whether nodes are sandboxed here: found out as the machine host finds it out. */
  async isSandboxed(): Promise<boolean> {
    const { dataDirectory: dataDir } = this;
    const { processes } = await inspectIsolation({ dataDir, env: this.environment });
    return processes === "bubblewrap";
  }

  /** @returns the process that is meant; of the VM agent where it is not up yet, what is about to become it. */
  processOf(victim: Victim): Pick<ProcessEntry, "pid" | "startTicks"> {
    const found = this.#find(victim);
    if (found === null) throw new Error(`there is no ${victim}`);
    return found;
  }

  has(victim: Victim): boolean {
    return this.#find(victim) !== null;
  }

  /** Resolves when it is gone, and what dies with it: a VM agent is the first process of all of its node's. */
  async kill9(victim: Victim): Promise<void> {
    const killed = this.processOf(victim);
    const dying = victim === "VM agent" ? [killed, ...descendantsOf(this.belongings.all(), [killed.pid])] : [killed];
    process.kill(killed.pid, "SIGKILL");
    await this.until(`the ${victim} is gone`, () => !dying.some(isAlive));
  }

  /** Stops a process in its tracks; resolves when the kernel says that it stands, every thread of it. */
  async freeze(victim: Victim): Promise<void> {
    const frozen = this.processOf(victim);
    this.#frozen.push(frozen);
    process.kill(frozen.pid, "SIGSTOP");
    await until(`the ${victim} stands still`, () => isFrozen(frozen.pid), { intervalMs: 1 });
  }

  /** Lets go on what was frozen and is still there. */
  thaw(): void {
    for (const frozen of this.#frozen.splice(0)) if (isAlive(frozen)) process.kill(frozen.pid, "SIGCONT");
  }

  /** Waits for a fact about this system. */
  until<Fact>(what: string, look: () => Fact | Promise<Fact>, wait: Wait & { readonly taskId?: string } = {}) {
    return until(what, look, { report: () => this.report(wait.taskId), ...wait });
  }

  /** Waits until the task is in this step. Throws as soon as it has ended in another way. */
  untilStep(taskId: string, step: TaskView["step"], timeoutMs?: number): Promise<TaskView> {
    return this.#untilTask(taskId, `the task is in ${step}`, (task) => task.step === step, timeoutMs);
  }

  untilFinal(taskId: string, timeoutMs?: number): Promise<TaskView> {
    return this.#untilTask(taskId, "the task has ended", (task) => isFinal(task.step), timeoutMs);
  }

  /** Waits until no process of this data directory is left, and throws naming those that are. */
  async untilNothingRemains(timeoutMs = goneTimeoutMs): Promise<void> {
    const report = () => this.belongings.remains().map(describeProcess).join("\n");
    await until("no process remains", () => this.belongings.remains().length === 0, { timeoutMs, report });
  }

  /** Adds to whatever `prove` throws what a person needs to see of the task. */
  async explained<Value>(taskId: string, prove: () => Promise<Value>): Promise<Value> {
    try {
      return await prove();
    } catch (error) {
      if (error instanceof Error) error.message += `\n\n${await this.report(taskId)}`;
      throw error;
    }
  }

  /** What a person needs to see where a test failed. */
  async report(taskId?: string): Promise<string> {
    const parts = [`data directory ${this.dataDirectory}`, `launcher printed: ${this.#launcher?.output() ?? ""}`];
    if (taskId !== undefined) {
      const task = await this.api.task(taskId).catch((error: unknown) => String(error));
      const messages = await readMessages(this.api, taskId).catch(() => []);
      parts.push(`task: ${JSON.stringify(task)}`, "last messages:", ...messages.slice(-tailLines).map(describeMessage));
    }
    parts.push(`sam.log:\n${tail(join(this.dataDirectory, "logs/sam.log"))}`);
    for (const disk of this.nodeDisks()) parts.push(`${disk}:\n${tail(join(disk, "../console.log"))}`);
    parts.push("processes:", ...this.belongings.all().map(describeProcess));
    return parts.join("\n");
  }

  /** Ends everything and removes the folder. Leaves the folder where SAM_TEST_KEEP is set, to be looked into. */
  async destroy(): Promise<void> {
    await Promise.all(this.#conversations.map((conversation) => conversation.stop()));
    this.stage.openAll();
    await until("everything of the test is gone", () => this.#endAll(), { timeoutMs: goneTimeoutMs });
    if (process.env["SAM_TEST_KEEP"] === undefined)
      rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  #find(victim: Victim): ProcessEntry | null {
    switch (victim) {
      case "launcher":
        return this.belongings.all().find(({ pid }) => pid === this.launcher.pid) ?? null;
      case "workerd":
        return this.belongings.workerd();
      case "VM agent": {
        // Of several nodes the last one that was made.
        const node = this.belongings.nodes().toSorted((a, b) => (a.serverId < b.serverId ? 1 : -1))[0];
        return node?.vmAgent ?? node?.first ?? null;
      }
    }
  }

  /** @returns whether nothing is left. The launcher first: it starts the others again. */
  #endAll(): boolean {
    const left = this.belongings.remains();
    const launcher = left.filter(({ pid }) => pid === this.#launcher?.pid);
    for (const { pid } of launcher.length > 0 ? launcher : left) kill(pid);
    return left.length === 0;
  }

  async #untilTask(
    taskId: string,
    what: string,
    holds: (task: TaskView) => boolean,
    timeoutMs?: number,
  ): Promise<TaskView> {
    return this.until(
      what,
      async () => {
        const task = await this.api.task(taskId);
        if (holds(task)) return task;
        if (isFinal(task.step)) throw new NoLongerPossible(`it ended as ${task.step} before ${what}`);
        return null;
      },
      { taskId, intervalMs: taskIntervalMs, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
    );
  }

  /** What a command is given that starts a SAM of its own: its nodes then see the stage. */
  get environment(): Record<string, string> {
    const home = join(this.folder, "home");
    mkdirSync(home, { recursive: true });
    return {
      SAM_BUNDLES_DIR: this.stage.bundles,
      PATH: `${this.stage.folder}:${process.env["PATH"] ?? ""}`,
      HOME: home,
      SAM_SETTINGS: JSON.stringify(this.#options.settings ?? {}),
      ...this.#options.environment,
    };
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It is gone already.
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    return [];
  }
}

function tail(path: string): string {
  try {
    return readFileSync(path, "utf8").trimEnd().split("\n").slice(-tailLines).join("\n");
  } catch {
    return "(nothing)";
  }
}
