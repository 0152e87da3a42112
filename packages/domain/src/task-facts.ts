/** The facts of one task: everything that its TaskRunner knows, durable, and enough to decide from. */
import type { Clocks } from "./clocks.ts";
import type { Failure } from "./failure-reason.ts";
import type { NodeId, ProjectId, TaskId, UserId, WorkspaceId } from "./ids.ts";
import type { ReceiptEntry } from "./message.ts";
import type { ModelFailure } from "./model-calls.ts";
import type { PermissionOption, ReceiptLine, RepositoryRef } from "./node-task.ts";
import type { PermissionPolicy, ToolKind } from "./permission-policy.ts";
import type { Reply } from "./reply.ts";
import type { Away, GivenBefore, Return } from "./return.ts";
import type { SavedWork, SavedWorkRef } from "./saved-work.ts";
import type { TaskStep } from "./task-lifecycle.ts";
import type { TurnUsage } from "./usage.ts";
import type { Verdicts } from "./verdicts.ts";

/** What a task takes over from the finished one that it continues. */
export interface Continuation {
  readonly taskId: TaskId;
  /** The first task of the chain: its workspace's path and its agent's home are used again. */
  readonly rootTaskId: TaskId;
  readonly branch: string;
  /** The session of the agent, where the same agent goes on and can load one; else null. */
  readonly sessionId: string | null;
  /** Where it ran: preferred, since the session lies there. */
  readonly nodeId: NodeId | null;
  /** What was saved of its workspace, to be brought back; null: nothing was. Facts of an older version do not say. */
  readonly savedWork?: SavedWorkRef | null | undefined;
  /** Told to an agent that cannot load the session: what was asked, what it said at last, what came of it. */
  readonly summary: string;
}

export interface TaskRequest {
  readonly taskId: TaskId;
  readonly ownerId: UserId;
  readonly projectId: ProjectId;
  readonly prompt: string;
  readonly repository: RepositoryRef;
  readonly agentId: string;
  readonly checkCommand: string | null;
  readonly mode: "task" | "conversation";
  readonly permissionPolicy: PermissionPolicy;
  readonly continues: Continuation | null;
}

export interface AgentFacts {
  /** Which start of the agent this is; words of an older one are void. */
  readonly incarnation: number;
  readonly state: "starting" | "ready" | "gone";
  readonly sessionId: string | null;
  readonly canLoadSession: boolean;
  /** How often it was started again for what it does now: opening its first session, or this turn. */
  readonly restarts: number;
}

export interface TurnFacts {
  /** Rises with each time that an agent is given a turn, so that what is said of an older one is void. */
  readonly number: number;
  readonly running: boolean;
  /** What the user said, to be told again where it may be lost; null: the request's prompt. */
  readonly text: string | null;
  /** Whether an agent was given it yet; false while one has to be started first. */
  readonly given: boolean;
  /** Whether an agent has sent an update of it, so that a session that is loaded again knows it. */
  readonly heard: boolean;
  /** What is left of its time while it waits for the user, in milliseconds; null while the time runs. */
  readonly leftMs: number | null;
}

/** What the agent asks the user, and waits for. */
export interface PermissionFacts {
  readonly requestId: string;
  readonly title: string;
  readonly detail: string | null;
  readonly toolKind: ToolKind;
  readonly askedAt: number;
  readonly options: readonly PermissionOption[];
}

/** The agent's model has failed since then, without one call that succeeded. */
export interface ModelTrouble {
  readonly since: number;
  readonly failure: ModelFailure;
  readonly giveUpAt: number;
}

export interface TaskFacts {
  readonly request: TaskRequest;
  readonly title: string;
  readonly branch: string;
  readonly step: TaskStep;
  /** Counts transitions; the D1 row carries it. */
  readonly version: number;
  readonly createdAt: number;
  readonly clocks: Clocks;
  readonly deadlineAt: number | null;
  readonly progressDeadlineAt: number | null;
  readonly stallFlagAt: number | null;
  readonly stalledSince: number | null;
  /** What the last evidence of progress in this step said, where it can be said again. */
  readonly progressMark: string | null;
  /** The next fallback poll, and the next try of what failed; after the end, of the teardown that is still owed. */
  readonly pollAt: number | null;
  readonly retryAt: number | null;
  /** Tries of this step so far, from 1. */
  readonly attempt: number;
  /** Numbers effects and commands, so that each has a key that is never used again. */
  readonly effectCount: number;
  readonly outagesSeenUntil: number;
  /** A search for a node is under way; its answer may bring a claim that has to be let go. */
  readonly selecting: boolean;
  readonly queuePlace: number | null;
  /** When waiting for capacity ends, counted from the first time; null before it. */
  readonly capacityDeadlineAt: number | null;
  readonly nodeId: NodeId | null;
  /** How often it has looked for a node. A claim and a release say of which stay they are, since either may come late. */
  readonly stay: number;
  /** The last node on which it had a workspace, also after that node was let go. */
  readonly workedOn: NodeId | null;
  /** The node's own mark of its last change of state, so that a repeated observation is no progress. */
  readonly nodeMark: string | null;
  readonly workspace: {
    readonly workspaceId: WorkspaceId;
    readonly baseCommit: string | null;
    readonly standing: boolean;
  } | null;
  readonly agent: AgentFacts | null;
  readonly turn: TurnFacts | null;
  /** The question that is open, and those that come up behind it. */
  readonly permission: PermissionFacts | null;
  readonly furtherPermissions: readonly PermissionFacts[];
  /** What the user said while a turn was running, to be told at its end. */
  readonly waitingTexts: readonly string[];
  /** The keys of what the user said last, so that the same is not taken twice. */
  readonly saidKeys: readonly string[];
  /** What the user replied last, and how far it came; the newest is the last. */
  readonly replies: readonly Reply[];
  /** The user cancelled the turn in order to say something: its end leads to them, not to the delivery. */
  readonly interrupted: boolean;
  /** When its machine is released, if nobody answers; null: it has none, or is not awaiting anyone. */
  readonly releaseAt: number | null;
  readonly away: Away | null;
  /** Its machine was to be released and was kept, with the workspace: since when, and why. */
  readonly kept: { readonly at: number; readonly why: string } | null;
  /** What it comes back for, until its agent is told; null: it does not. */
  readonly comesBackFor: Return | null;
  readonly givenBefore: GivenBefore | null;
  readonly modelTrouble: ModelTrouble | null;
  readonly usage: TurnUsage | null;
  /** Stands for the last diff that was said, so that the same one is not said again. */
  readonly diffMark: string | null;
  /** The ref under which unpushed work was saved on the node. */
  readonly savedRef: string | null;
  /** What was saved of its workspace when that was torn down last, and where it is now. */
  readonly savedWork: SavedWork | null;
  /** The saved work of the task before that its workspace begins with; null: of none, or it is lost. */
  readonly bringsBack: SavedWorkRef | null;
  /** The task before, whose work is not saved yet and stands on the claimed node, where that is waited for. */
  readonly waitsFor: TaskId | null;
  /** The saved work, another's or its own, that its workspace began with. */
  readonly broughtBack: SavedWorkRef | null;
  /** The task that continues this one. */
  readonly continuedBy: TaskId | null;
  readonly verdicts: Verdicts;
  /** Decided, but what there is is delivered first. */
  readonly pendingFailure: Failure | null;
  readonly failure: Failure | null;
  readonly cancel: {
    readonly at: number;
    readonly by: string;
    /** Its owner did not wait for the receipt. */
    readonly forced?: { readonly at: number; readonly by: string } | undefined;
  } | null;
  readonly receipt: readonly ReceiptEntry[];
  readonly unproven: readonly ReceiptLine[];
  /** The last event of the VM agent that was applied. */
  readonly nodeEventSeq: number;
}

/** Controls, and marks that turn the direction of what follows: a title stands in lists and in `git log`. */
const unprintable = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;

/** The first line of the prompt that says something, at most 80 characters, for lists and commits. */
export function titleOf(prompt: string): string {
  const line =
    prompt
      .split("\n")
      .map((text) =>
        text
          .replaceAll(unprintable, " ")
          .replace(/^[#>*\-\s]+/, "")
          .trim(),
      )
      .find((text) => text.length > 0 && !text.startsWith("```")) ?? "task";
  const characters = Array.from(line);
  return characters.length > 80 ? `${characters.slice(0, 79).join("")}…` : line;
}

/** @returns `sam/<slug>-<id>`, where the id is the last ten characters of the task's ULID. */
export function branchOf(taskId: TaskId, title: string): string {
  const slug = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 40)
    .replace(/^-+|-+$/g, "");
  return `sam/${slug === "" ? "task" : slug}-${taskId.slice(-10).toLowerCase()}`;
}
