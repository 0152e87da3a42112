/**
 * Facts that an older version stored lack what was added since. Here, and nowhere else, they get it: whoever reads facts
 * afterwards finds them whole. What is added to the facts later is added here with it.
 */
import type { NodeFacts } from "./node-facts.ts";
import type { NodeCommandBody } from "./node-task.ts";
import type { PermissionFacts, TaskFacts, TaskRequest } from "./task-facts.ts";

/** What version 1 did not know. */
const factsSince2 = {
  workedOn: null,
  waitingTexts: [],
  saidKeys: [],
  interrupted: false,
  modelTrouble: null,
  usage: null,
  diffMark: null,
  savedRef: null,
  savedWork: null,
  bringsBack: null,
  broughtBack: null,
  continuedBy: null,
} as const satisfies Partial<TaskFacts>;

/** What came after version 2. */
const factsSince3 = {
  replies: [],
  releaseAt: null,
  away: null,
  kept: null,
  comesBackFor: null,
  givenBefore: null,
} as const satisfies Partial<TaskFacts>;

/** What came after version 3. */
const factsSince4 = { stay: 0, waitsFor: null } as const satisfies Partial<TaskFacts>;

const factsSince = { ...factsSince2, ...factsSince3, ...factsSince4 };

type Older<Whole, Added> = Omit<Whole, keyof Added> & { readonly [Name in keyof Added & keyof Whole]?: Whole[Name] };
type OlderPermission = Older<PermissionFacts, Pick<PermissionFacts, "detail" | "toolKind" | "askedAt">>;

export type StoredTaskFacts = Older<
  Omit<TaskFacts, "request" | "permission" | "furtherPermissions">,
  typeof factsSince
> & {
  readonly request: Older<TaskRequest, Pick<TaskRequest, "permissionPolicy" | "continues">>;
  readonly permission: OlderPermission | null;
  readonly furtherPermissions: readonly OlderPermission[];
};

type CreateWorkspace = Extract<NodeCommandBody, { type: "create_workspace" }>;
type StartAgent = Extract<NodeCommandBody, { type: "start_agent" }>;

export type StoredCommand =
  | Exclude<NodeCommandBody, CreateWorkspace | StartAgent>
  | Older<CreateWorkspace, Pick<CreateWorkspace, "agentId">>
  | Older<StartAgent, Pick<StartAgent, "homeOf">>;

/** A command that was on its way when the version changed. Without what it lacks it would hold up its lane for ever. */
export function wholeCommand(stored: StoredCommand, { agentId, taskId }: TaskRequest): NodeCommandBody {
  switch (stored.type) {
    case "create_workspace":
      return { ...stored, agentId: stored.agentId ?? agentId };
    case "start_agent":
      return { ...stored, homeOf: stored.homeOf ?? taskId };
    default:
      return stored;
  }
}

const nodeFactsSince3 = {
  holds: [],
  kept: null,
  discards: false,
  mustGo: false,
  stays: {},
} as const satisfies Partial<NodeFacts>;

/** @returns the facts of a node, whole, whichever version stored them. */
export function wholeNodeFacts(stored: Older<NodeFacts, typeof nodeFactsSince3>): NodeFacts {
  return { ...nodeFactsSince3, ...stored };
}

/** @returns the facts, whole, whichever version stored them. */
export function wholeFacts(stored: StoredTaskFacts): TaskFacts {
  const permissionSince2 = { detail: null, toolKind: "other", askedAt: stored.clocks.inStateSince } as const;
  return {
    ...factsSince,
    ...stored,
    // A node that is still claimed is the one on which it works.
    workedOn: stored.workedOn ?? (stored.workspace === null ? null : stored.nodeId),
    // In the order in which a client's request is made up, so that the same one sent again is known as the same.
    request: {
      ...stored.request,
      permissionPolicy: stored.request.permissionPolicy ?? "ask",
      continues: stored.request.continues ?? null,
    },
    permission: stored.permission === null ? null : { ...permissionSince2, ...stored.permission },
    furtherPermissions: stored.furtherPermissions.map((permission) => ({ ...permissionSince2, ...permission })),
  };
}
