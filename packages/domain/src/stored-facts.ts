/**
 * Facts that an older version stored lack what was added since. Here, and nowhere else, they get it: whoever reads facts
 * afterwards finds them whole. What is added to the facts later is added here with it.
 */
import type { PermissionFacts, TaskFacts, TaskRequest } from "./task-facts.ts";

/** What version 1 did not know. */
const factsSince2 = {
  workedOn: null,
  waitingTexts: [],
  interrupted: false,
  modelTrouble: null,
  usage: null,
  diffMark: null,
  savedRef: null,
  continuedBy: null,
} as const satisfies Partial<TaskFacts>;

type Older<Whole, Added> = Omit<Whole, keyof Added> & { readonly [Name in keyof Added & keyof Whole]?: Whole[Name] };
type OlderPermission = Older<PermissionFacts, Pick<PermissionFacts, "detail" | "toolKind" | "askedAt">>;

export type StoredTaskFacts = Older<
  Omit<TaskFacts, "request" | "permission" | "furtherPermissions">,
  typeof factsSince2
> & {
  readonly request: Older<TaskRequest, Pick<TaskRequest, "permissionPolicy" | "continues">>;
  readonly permission: OlderPermission | null;
  readonly furtherPermissions: readonly OlderPermission[];
};

/** @returns the facts, whole, whichever version stored them. */
export function wholeFacts(stored: StoredTaskFacts): TaskFacts {
  const permissionSince2 = { detail: null, toolKind: "other", askedAt: stored.clocks.inStateSince } as const;
  return {
    ...factsSince2,
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
