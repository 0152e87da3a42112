/** What was broken here on purpose, and one more: on a person's own machine alone. */
import { breakageListSchema, breakageViewSchema, type BreakRequest } from "@sam/protocol/breakage-api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { z } from "zod";

import { apiPath } from "../path-builder.ts";
import { ask } from "./client.ts";

const keys = { all: ["breakages"] as const };
/** What is being proven is looked at often: it is over in seconds. */
const pollMs = 1_000;
/** Before anything breaks, every node and every open task are looked at. */
const breakTimeoutMs = 30_000;

/** @param isAsked whether there is such a thing here. */
export function useBreakages(isAsked: boolean) {
  return useQuery({
    queryKey: keys.all,
    queryFn: ({ signal }) => ask({ path: apiPath.breakages, answer: breakageListSchema, signal }),
    refetchInterval: pollMs,
    enabled: isAsked,
  });
}

const oneBreakage = z.object({ breakage: breakageViewSchema });

export function useBreak() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: BreakRequest) =>
      ask({ method: "POST", path: apiPath.breakages, body, answer: oneBreakage, timeoutMs: breakTimeoutMs }),
    onSettled: () => client.invalidateQueries({ queryKey: keys.all }),
  });
}
