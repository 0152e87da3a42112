/** A node as a person names it: by its id, or by a unique beginning or end of it. */
import type { NodeView } from "@sam/protocol/node-api";

import { isPartOf, partOf, pick } from "../client/task-id.ts";
import { CommandError } from "../exit-code.ts";

/** @param nodes those that can be meant. @throws where none or more than one of them is */
export function namedNode(nodes: readonly NodeView[], text: string): NodeView {
  const part = partOf("node", text);
  const matching = nodes.filter(({ nodeId }) => isPartOf(nodeId, part));
  const found = matching.map(({ nodeId, state, claims, slots }) => {
    return { id: nodeId, title: `${state}, ${claims.length} of ${slots} slots used` };
  });
  const nodeId = pick(text, found, "node");
  const node = matching.find((one) => one.nodeId === nodeId);
  if (node === undefined) throw new CommandError(`There is no node ${text}. See them with: sam nodes`);
  return node;
}
