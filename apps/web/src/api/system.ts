/** What this installation is and can do. */
import { systemSchema } from "@sam/protocol/system-api";
import { useQuery } from "@tanstack/react-query";

import { apiPath } from "../path-builder.ts";
import { ask } from "./client.ts";

const pollMs = 30_000;

export function useSystem() {
  return useQuery({
    queryKey: ["system"],
    queryFn: ({ signal }) => ask({ path: apiPath.system, answer: systemSchema, signal }),
    refetchInterval: pollMs,
  });
}
