/** A SAM with a hostile agent in it, whose owner has a secret; one node for all of its tasks, and one repository. */
import { copyFileSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { isFinal } from "@sam/domain/task-lifecycle";
import type { TaskView } from "@sam/protocol/task-api";
import { beforeAll } from "vitest";
import { z } from "zod";

import type { Repository } from "../../system/support/repository.ts";
import { shareSystem, type SharedSystemOptions } from "../../system/support/shared-system.ts";
import type { System } from "../../system/support/system.ts";
import type { Act } from "./hostile-case.ts";

export const hostile = "hostile";
export const secretName = "HOSTILE_SECRET";
/** With letters that URLs and JSON write in another way. */
export const secretValue = 's3cr3t/of+the "owner"=nobody\'s-business';

export interface Play {
  /** Letters, digits and hyphens. */
  readonly name: string;
  readonly acts: readonly Act[];
  readonly checkCommand?: string;
  readonly permissionPolicy?: "ask" | "allow_edits";
}

export class HostileSystem {
  readonly system: System;
  readonly repository: Repository;

  constructor(system: System, repository: Repository) {
    this.system = system;
    this.repository = repository;
  }

  get origin(): string {
    return new URL(this.system.launcher.url).origin;
  }

  /** Submits a task that plays. */
  begin(play: Play): Promise<TaskView> {
    const { name, acts: _, ...more } = play;
    writePlay(this.system, play);
    const repository = { url: this.repository.path };
    return this.system.submit({ prompt: `play ${name}`, repository, agentId: hostile, ...more });
  }

  /** Plays to the task's end. */
  async play(play: Play): Promise<TaskView> {
    const { taskId } = await this.begin(play);
    return this.system.untilFinal(taskId);
  }

  /** Refuses whatever a task asks, until it has ended. */
  async refuseAll(taskId: string): Promise<TaskView> {
    return this.system.until(
      "the task has ended",
      async () => {
        const task = await this.system.api.task(taskId);
        const { permission, step } = task;
        const no = permission?.options.find(({ kind }) => kind === "reject_once")?.optionId ?? null;
        if (permission !== null)
          await this.system.api.answer(taskId, { requestId: permission.requestId, optionId: no });
        return isFinal(step) ? task : null;
      },
      { taskId, intervalMs: 50, timeoutMs: 60_000 },
    );
  }

  /** What the acts of a play came to, by their names, as the agent itself saw it. */
  report(name: string): Promise<Readonly<Record<string, unknown>>> {
    return this.system.until(`the report of ${name}`, () => {
      const [file] = this.system.nodeDisks().flatMap((disk) => globSync(join(disk, `**/report-${name}.json`)));
      return file === undefined
        ? null
        : z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(file, "utf8")));
    });
  }
}

/** @returns a way to the system of a file, which is up from its first test to its last. */
export function shareHostileSystem({ prepare }: Pick<SharedSystemOptions, "prepare"> = {}): () => HostileSystem {
  const settings = { tasksPerNode: 16, maxNodes: 1 };
  const system = shareSystem({
    settings,
    prepare: (made) => {
      addHostileAgent(made);
      prepare?.(made);
    },
  });
  let shared: HostileSystem | null = null;
  beforeAll(async () => {
    shared = new HostileSystem(
      system(),
      await system().repository("project", { "README.md": "# A project\n", "z.sh": "echo z\n" }),
    );
    await system().api.request("PUT", `/api/secrets/${secretName}`, z.unknown(), { body: { value: secretValue } });
  });
  return () => {
    if (shared === null) throw new Error("the system is not up");
    return shared;
  };
}

/** Before the system is up. */
export function addHostileAgent({ dataDirectory, stage }: System): void {
  const program = join(stage.folder, "hostile-agent.mjs");
  const plays = join(stage.folder, "plays");
  mkdirSync(plays, { recursive: true });
  copyFileSync(new URL("../hostile-agent.mjs", import.meta.url), program);
  const agents = { [hostile]: { command: [process.execPath, program, plays] } };
  writeFileSync(join(dataDirectory, "agents.json"), JSON.stringify(agents));
}

/** Lays a play where the agent finds it. */
export function writePlay({ stage }: System, { name, acts }: Play): void {
  writeFileSync(join(stage.folder, "plays", `${name}.json`), JSON.stringify(acts));
}
