/** The record of the whole system: D1, the Durable Objects, the machine host, the process table, the disks and the remotes. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { nodeStates } from "@sam/domain/node-lifecycle";
import type {
  NodeRowRecord,
  RefRecord,
  ServerRecord,
  SystemRecord,
  WorkspaceRecord,
} from "@sam/domain/rules/system-record";
import { lastState, type TaskRecord } from "@sam/domain/rules/task-record";
import { z } from "zod";

import { git, type Repository } from "../system/support/repository.ts";
import type { System } from "../system/support/system.ts";
import { rowsOfD1 } from "../system/support/template.ts";
import { agentsOf } from "./agents.ts";
import { objectsOnDisk } from "./object-disks.ts";
import { readTaskRows } from "./read-tasks.ts";

const nodeRowSchema = z.object({ node_id: z.string(), state: z.enum(nodeStates), version: z.number() });
const workspaceRowSchema = z.object({ workspace_id: z.string(), task_id: z.string() });
const serverSchema = z.object({ id: z.string(), labels: z.record(z.string(), z.string()) });

export async function readSystem(
  system: System,
  tasks: readonly TaskRecord[],
  repositories: readonly Repository[],
): Promise<SystemRecord> {
  const { dataDirectory, belongings } = system;
  const { installationId } = await system.api.system();
  const { nodes, unreachable } = await system.api.nodes();
  if (unreachable.length > 0) throw new Error(`nodes that cannot be asked: ${JSON.stringify(unreachable)}`);
  const alarms = objectsOnDisk(dataDirectory, "NodeLifecycle");
  const shown = new Set(nodes.map(({ nodeId }) => `${nodeId}`));
  const refs = await Promise.all([...repositories.map(refsAtRemote), ...refsInMirrors(system, repositories)]);
  const processes = belongings.all();
  const agents = new Set(agentsOf(processes).map(({ pid }) => pid));
  return {
    at: Date.now(),
    graceMs: 0,
    installationId,
    tasks: tasks.flatMap((task) => lastState(task) ?? []),
    taskRows: readTaskRows(dataDirectory),
    nodes: nodes.map((node) => ({ ...node, alarmAt: alarms.get(node.nodeId)?.alarmAt ?? null })),
    // The API leaves out those that were destroyed long ago.
    nodeRows: readNodeRows(dataDirectory).filter(({ nodeId, state }) => state !== "destroyed" || shown.has(nodeId)),
    servers: readServers(dataDirectory),
    processes: processes.map(({ pid, command, environment }) => ({
      pid,
      taskId: environment.get("SAM_TASK_ID") ?? null,
      serverId: environment.get("SAM_SERVER_ID") ?? null,
      isAgent: agents.has(pid),
      command: command.join(" "),
    })),
    workspaces: readWorkspaces(system),
    refs: refs.flat(),
  };
}

function readNodeRows(dataDirectory: string): readonly NodeRowRecord[] {
  return rowsOfD1(dataDirectory, "SELECT node_id, state, version FROM nodes").map((raw) => {
    const { node_id: nodeId, state, version } = nodeRowSchema.parse(raw);
    return { nodeId, state, version };
  });
}

/** The machine host lists a server if and only if its record stands on the disk. */
function readServers(dataDirectory: string): readonly ServerRecord[] {
  const folder = join(dataDirectory, "machine-host/servers");
  return namesIn(folder).flatMap((name) => {
    const file = join(folder, name, "server.json");
    if (!existsSync(file)) return [];
    const { id, labels } = serverSchema.parse(JSON.parse(readFileSync(file, "utf8")));
    return [{ serverId: id, labels }];
  });
}

/** A workspace belongs to the task that its row names: one that continues another stands in that one's place. */
function readWorkspaces(system: System): readonly WorkspaceRecord[] {
  const rows = rowsOfD1(system.dataDirectory, "SELECT workspace_id, task_id FROM workspaces");
  const owners = new Map(
    rows.map((raw) => {
      const row = workspaceRowSchema.parse(raw);
      return [row.workspace_id, row.task_id];
    }),
  );
  return system.nodeDisks().flatMap((disk) => {
    const folder = join(disk, "workspaces");
    const names = namesIn(folder).filter((name) => name.startsWith("ws_"));
    return names.map((name) => ({
      taskId: owners.get(name) ?? name.replace("ws_", "task_"),
      path: join(folder, name),
    }));
  });
}

function refsAtRemote({ path }: Repository): Promise<readonly RefRecord[]> {
  return refsOf(path, path, "remote");
}

/** A mirror lies under a hash of its repository's URL. */
function refsInMirrors(system: System, repositories: readonly Repository[]): readonly Promise<readonly RefRecord[]>[] {
  return system.nodeDisks().flatMap((disk) =>
    repositories.flatMap(({ path }) => {
      const mirror = join(disk, "mirrors", `${createHash("sha256").update(path).digest("hex").slice(0, 32)}.git`);
      return existsSync(join(mirror, "HEAD")) ? [refsOf(mirror, path, "mirror")] : [];
    }),
  );
}

async function refsOf(folder: string, repository: string, at: RefRecord["at"]): Promise<readonly RefRecord[]> {
  const listed = await git(folder, "for-each-ref", "--format=%(objectname) %(refname)");
  return listed.split("\n").flatMap((line) => {
    const [commit, ref] = line.split(" ");
    return commit === undefined || ref === undefined ? [] : [{ repository, at, ref, commit }];
  });
}

function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
