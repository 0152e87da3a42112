/**
 * A permission policy says which of an agent's questions SAM answers by itself. It is the project's, or the task's own.
 * What it does not allow is asked; it never refuses in a person's name.
 */
export const permissionPolicies = ["ask", "allow_reads", "allow_edits", "allow_all"] as const;
export type PermissionPolicy = (typeof permissionPolicies)[number];

/** In words, for the CLI and the page. */
export const policyMeanings: { readonly [Policy in PermissionPolicy]: string } = {
  ask: "ask me about everything that the agent asks about",
  allow_reads: "allow reading inside the workspace, ask about the rest",
  allow_edits: "allow reading and editing inside the workspace, ask about the rest",
  allow_all: "allow everything where the node is a sandbox; ask where it is not",
};

/** ACP's kinds of tools; an agent may leave the kind out, which is `other`. */
export const toolKinds = [
  "read",
  "edit",
  "delete",
  "move",
  "search",
  "execute",
  "think",
  "fetch",
  "switch_mode",
  "other",
] as const;
export type ToolKind = (typeof toolKinds)[number];

/** What an agent asks to do, in words, for notifications and the page. */
export const toolKindWords: { readonly [Kind in ToolKind]: string } = {
  read: "read a file",
  edit: "edit a file",
  delete: "delete a file",
  move: "move a file",
  search: "search",
  execute: "run a command",
  think: "think",
  fetch: "fetch from the network",
  switch_mode: "switch its mode",
  other: "do something that it gives no kind for",
};

export interface PermissionScope {
  readonly toolKind: ToolKind;
  /** Every place that the tool names lies inside the workspace, with links resolved; false where it names none. */
  readonly insideWorkspace: boolean;
  /** The node's isolation keeps the agent away from everything but its own disk. */
  readonly sandboxed: boolean;
}

/** @returns whether the policy answers this question with "allow". */
export function policyAllows(policy: PermissionPolicy, scope: PermissionScope): boolean {
  const { toolKind, insideWorkspace, sandboxed } = scope;
  const reads = toolKind === "read" || toolKind === "search" || toolKind === "think";
  const edits = toolKind === "edit" || toolKind === "delete" || toolKind === "move";
  switch (policy) {
    case "ask":
      return false;
    case "allow_reads":
      return reads && insideWorkspace;
    case "allow_edits":
      return (reads || edits) && insideWorkspace;
    case "allow_all":
      return sandboxed;
  }
}
