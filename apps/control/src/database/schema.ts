/**
 * D1: rows to list and to sweep. Tasks, nodes and workspaces are projections of their own objects; projects, settings,
 * secrets and submissions are D1's own. Every row that belongs to someone has an `owner_id`. Migrations only add.
 */
import type { FailureReason } from "@sam/domain/failure-reason";
import type { NodeId, ProjectId, TaskId, UserId, WorkspaceId } from "@sam/domain/ids";
import type { NodeState } from "@sam/domain/node-lifecycle";
import type { PermissionPolicy } from "@sam/domain/permission-policy";
import type { TaskStep } from "@sam/domain/task-lifecycle";
import { isNull } from "drizzle-orm";
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

export const projectsTable = sqliteTable(
  "projects",
  {
    projectId: text("project_id").$type<ProjectId>().primaryKey(),
    ownerId: text("owner_id").$type<UserId>().notNull(),
    repositoryUrl: text("repository_url").notNull(),
    name: text("name").notNull(),
    createdAt: integer("created_at").notNull(),
    /** What its tasks have where they say nothing else; null: what SAM has. */
    agentId: text("agent_id"),
    checkCommand: text("check_command"),
    permissionPolicy: text("permission_policy").$type<PermissionPolicy>(),
    mode: text("mode").$type<"task" | "conversation">(),
  },
  (table) => [uniqueIndex("projects_by_repository").on(table.ownerId, table.repositoryUrl)],
);

export const tasksTable = sqliteTable(
  "tasks",
  {
    taskId: text("task_id").$type<TaskId>().primaryKey(),
    ownerId: text("owner_id").$type<UserId>().notNull(),
    projectId: text("project_id").$type<ProjectId>().notNull(),
    title: text("title").notNull(),
    agentId: text("agent_id").notNull(),
    repositoryUrl: text("repository_url").notNull(),
    step: text("step").$type<TaskStep>().notNull(),
    /** The runner's; a write with a version that is not newer changes nothing. */
    version: integer("version").notNull(),
    failureReason: text("failure_reason").$type<FailureReason>(),
    colour: text("colour").$type<"green" | "amber" | "red">(),
    nodeId: text("node_id").$type<NodeId>(),
    createdAt: integer("created_at").notNull(),
    /** The time of the transition, not of the write: a repeated write cannot make a row look fresh. */
    updatedAt: integer("updated_at").notNull(),
    deadlineAt: integer("deadline_at"),
    /** `task_runner`, or `sweep` where the runner could not be reached past its deadline. */
    writtenBy: text("written_by").$type<"task_runner" | "sweep">().notNull(),
  },
  (table) => [
    index("tasks_by_owner").on(table.ownerId, table.createdAt),
    index("tasks_by_step").on(table.step, table.deadlineAt),
    index("tasks_by_owner_step").on(table.ownerId, table.step, table.updatedAt),
    index("tasks_by_project").on(table.ownerId, table.projectId, table.taskId),
    // What has no deadline has ended. So only the last change of a row writes to this one.
    index("tasks_by_end").on(table.updatedAt, table.taskId).where(isNull(table.deadlineAt)),
  ],
);

/**
 * A submission: a user asks a task's runner to accept it. It is written down before the runner is asked, so that a runner
 * which accepted, and whose row could not be written, is known. Forgotten by the sweep once the task has its row.
 */
export const submissionsTable = sqliteTable(
  "submissions",
  {
    taskId: text("task_id").$type<TaskId>().primaryKey(),
    /** Who asked, and not whose task it is: that is its runner's to say. */
    ownerId: text("owner_id").$type<UserId>().notNull(),
    /** When it was asked last. */
    at: integer("at").notNull(),
  },
  (table) => [index("submissions_by_time").on(table.at, table.taskId)],
);

export const nodesTable = sqliteTable(
  "nodes",
  {
    nodeId: text("node_id").$type<NodeId>().primaryKey(),
    ownerId: text("owner_id").$type<UserId>().notNull(),
    provider: text("provider").notNull(),
    machineType: text("machine_type").notNull(),
    state: text("state").$type<NodeState>().notNull(),
    version: integer("version").notNull(),
    createdAt: integer("created_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
    deadlineAt: integer("deadline_at"),
    /** The agents that its VM agent said it can start, when it last changed its state; null before its first hello. */
    agents: text("agents", { mode: "json" }).$type<readonly string[]>(),
  },
  (table) => [
    index("nodes_by_owner").on(table.ownerId, table.state),
    index("nodes_by_state").on(table.state, table.deadlineAt),
    index("nodes_by_end").on(table.updatedAt, table.nodeId).where(isNull(table.deadlineAt)),
  ],
);

export const workspacesTable = sqliteTable(
  "workspaces",
  {
    workspaceId: text("workspace_id").$type<WorkspaceId>().primaryKey(),
    ownerId: text("owner_id").$type<UserId>().notNull(),
    taskId: text("task_id").$type<TaskId>().notNull(),
    nodeId: text("node_id").$type<NodeId>().notNull(),
    branch: text("branch").notNull(),
    state: text("state").$type<"standing" | "removed">().notNull(),
    createdAt: integer("created_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
  },
  (table) => [index("workspaces_by_owner").on(table.ownerId, table.state)],
);

/** Only hashes; a token is scoped and expires. */
export const apiTokensTable = sqliteTable("api_tokens", {
  tokenHash: text("token_hash").primaryKey(),
  ownerId: text("owner_id").$type<UserId>().notNull(),
  scope: text("scope").notNull(),
  createdAt: integer("created_at").notNull(),
  expiresAt: integer("expires_at").notNull(),
});

/** The memory of the sweep between two runs: where it is, and owners that could not be reached. */
export const sweepMemoryTable = sqliteTable("sweep_memory", {
  name: text("name").primaryKey(),
  value: text("value").notNull(),
});
