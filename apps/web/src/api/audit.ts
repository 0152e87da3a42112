/** The audit: what SAM found out about itself. */
import { auditSchema } from "@sam/protocol/audit-api";
import { useQuery } from "@tanstack/react-query";

import { apiPath } from "../path-builder.ts";
import { ask } from "./client.ts";

const pollMs = 60_000;

export function useAudit() {
  return useQuery({
    queryKey: ["audit"],
    queryFn: ({ signal }) => ask({ path: apiPath.audit, answer: auditSchema, signal }),
    refetchInterval: pollMs,
  });
}
