/** Where a node's disk keeps what. The folders below `workspaces` may lie on another file system than the state. */
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { TaskId, WorkspaceId } from "@sam/domain/ids";

export class DiskLayout {
  readonly root: string;
  readonly state: string;
  readonly database: string;
  readonly mirrors: string;
  readonly workspaces: string;
  readonly vaults: string;
  /** The homes of agents. */
  readonly homes: string;
  /** The state folders of agents. */
  readonly agentStates: string;

  constructor(root: string) {
    this.root = root;
    this.state = join(root, "state");
    this.database = join(this.state, "vm-agent.sqlite");
    this.mirrors = join(root, "mirrors");
    this.workspaces = join(root, "workspaces");
    this.vaults = join(root, "vaults");
    this.homes = join(root, "homes");
    this.agentStates = join(this.state, "agents");
  }

  /** Makes the folders; only this user may look into them. */
  prepare(): void {
    for (const folder of [this.state, this.mirrors, this.workspaces, this.vaults, this.homes]) {
      mkdirSync(folder, { recursive: true });
      chmodSync(folder, 0o700);
    }
  }

  /** The bare mirror of a repository, by its URL as the command gave it. */
  mirror(url: string): string {
    return join(this.mirrors, `${createHash("sha256").update(url).digest("hex").slice(0, 32)}.git`);
  }

  workspace(id: WorkspaceId): string {
    return join(this.workspaces, id);
  }

  /** A checkout under way, or one under removal: never taken for a workspace. */
  unfinished(id: WorkspaceId): string {
    return join(this.workspaces, `.${id}`);
  }

  /** The vault of a workspace: our own git directory for it, which no agent configures. */
  vault(id: WorkspaceId): string {
    return join(this.vaults, `${id}.git`);
  }

  /** The home directory of the agents and checks of a task and of those that continue it. */
  home(taskId: TaskId): string {
    return join(this.homes, taskId);
  }

  /** The task's own temporary folder: outside of the disk, since sockets are made in it and their paths must be short. */
  temporary(taskId: TaskId): string {
    return join(tmpdir(), taskId);
  }

  /** What the programs of agents unpack once for all tasks of this node. */
  get agentCache(): string {
    return join(this.root, "agent-cache");
  }

  /** What SAM keeps for the agents of a task and of those that continue it, such as their configuration and sessions. */
  agentState(taskId: TaskId): string {
    return join(this.agentStates, taskId);
  }
}
