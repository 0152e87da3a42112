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

export function useDestroyNode() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (nodeId: NodeId) =>
      (await ask({ method: "POST", path: apiPath.destroyNode(nodeId), body: {}, answer: oneNode })).node,
    onSettled: () => client.invalidateQueries({ queryKey: nodeKeys.all }),
  });
}
