/**
 * The ledger holds what the provider lists against our nodes, by the tag of this installation and by nothing else: never
 * by a name or a prefix. Pure; the scheduled job lists, asks the NodeLifecycles, and does what this says.
 */
import type { NodeState } from "./node-lifecycle.ts";

/** What a provider hands out: servers, and what may stay behind when one is gone. */
export const listedKinds = ["server", "disk", "address", "volume"] as const;
export type ListedKind = (typeof listedKinds)[number];

export const ledgerVerdicts = {
  owned: "ours, and a node's",
  unowned: "ours, and no node's",
  kept: "ours and no node's, with work that is saved nowhere else",
  undecided: "ours, and its node cannot be asked now",
  foreign: "of another installation",
  untagged: "of no installation",
} as const;
export type LedgerVerdict = keyof typeof ledgerVerdicts;

/** One thing as the provider lists it, reduced to what its verdict depends on. */
export interface ListedThing {
  readonly kind: ListedKind;
  readonly id: string;
  /** The installation whose tag it carries; null: none. */
  readonly installation: string | null;
  /** The node whose label it carries; null: none that is a node's. */
  readonly nodeId: string | null;
  /** The server that it belongs to; null for a server, and for what belongs to none. */
  readonly attachedTo: string | null;
  /** Whether it holds work that is saved nowhere else; null where nobody can say. */
  readonly holdsUnsavedWork: boolean | null;
}

/** What is known of the node whose label a thing carries. */
export type LabelledNode =
  /** Neither a row nor a NodeLifecycle has ever heard of it, or both have lost it. */
  | { readonly kind: "none" }
  /** Its place is reserved, or its NodeLifecycle could not be asked. */
  | { readonly kind: "unknown"; readonly why: string }
  | { readonly kind: "known"; readonly state: NodeState; readonly serverId: string | null };

export interface Judgement {
  readonly verdict: LedgerVerdict;
  readonly why: string;
}

/** @param installationId whose ledger it is. @param node what is known of the node whose label it carries. */
export function judge(thing: ListedThing, installationId: string, node: LabelledNode): Judgement {
  const { installation, nodeId } = thing;
  if (installation === null) return { verdict: "untagged", why: "it carries no installation's tag" };
  if (installation !== installationId) return { verdict: "foreign", why: `it carries the tag of ${installation}` };
  const ours = nodeId === null ? unowned("it carries no node's label") : judgeByNode(thing, nodeId, node);
  if (ours.verdict !== "unowned" || thing.holdsUnsavedWork !== true) return ours;
  return { verdict: "kept", why: `${ours.why}, and it holds work that is saved nowhere else` };
}

function judgeByNode(thing: ListedThing, nodeId: string, node: LabelledNode): Judgement {
  switch (node.kind) {
    case "none":
      return unowned(`there is no ${nodeId}`);
    case "unknown":
      return { verdict: "undecided", why: node.why };
    case "known":
      return judgeByState(thing, nodeId, node);
  }
}

function judgeByState(
  thing: ListedThing,
  nodeId: string,
  { state, serverId }: Extract<LabelledNode, { kind: "known" }>,
): Judgement {
  if (state === "destroyed") return unowned(`${nodeId} is destroyed`);
  const isServer = thing.kind === "server";
  const itsServer = isServer ? thing.id : thing.attachedTo;
  // While a node is being created or destroyed, its NodeLifecycle takes over or destroys whatever carries its label.
  const isMoving = state === "requested" || state === "creating" || state === "failed" || state === "destroying";
  if (isMoving || serverId === null || itsServer === null || itsServer === serverId) {
    return { verdict: "owned", why: `${nodeId} is ${state}` };
  }
  return unowned(
    isServer ? `${nodeId} has another server, ${serverId}` : `it belongs to another server than ${nodeId}`,
  );
}

function unowned(why: string): Judgement {
  return { verdict: "unowned", why };
}

/** @returns when it is destroyed: a grace period after the first listing that showed it without a node. */
export function destroyAt(unownedSince: number, graceMs: number): number {
  return unownedSince + graceMs;
}
