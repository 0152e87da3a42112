/** Nodes: the machines, as their NodeLifecycles say. */
import type { NodeId } from "@sam/domain/ids";
import { nodeListSchema, nodeViewSchema } from "@sam/protocol/node-api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { z } from "zod";

import { apiPath } from "../path-builder.ts";
import { ask } from "./client.ts";
import { listPollMs } from "./query-client.ts";

export const nodeKeys = { all: ["nodes"] as const };

export function useNodes() {
  return useQuery({
    queryKey: nodeKeys.all,
    queryFn: ({ signal }) => ask({ path: apiPath.nodes, answer: nodeListSchema, signal }),
    refetchInterval: listPollMs,
  });
}

const oneNode = z.object({ node: nodeViewSchema });

export interface DestroyNodeInput {
  readonly nodeId: NodeId;
  /** Also what lies on it and nowhere else. */
  readonly discardUnsaved: boolean;
}

export function useDestroyNode() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ nodeId, discardUnsaved }: DestroyNodeInput) => {
      const query = { discardUnsaved: String(discardUnsaved) };
      const path = apiPath.destroyNode(nodeId);
      return (await ask({ method: "POST", path, query, body: {}, answer: oneNode })).node;
    },
    onSettled: () => client.invalidateQueries({ queryKey: nodeKeys.all }),
  });
}
