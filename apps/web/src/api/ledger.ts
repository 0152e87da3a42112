/** The ledger: what the provider lists, held against our nodes. */
import { ledgerSchema, oneLedgerEntrySchema, type LedgerEntryView } from "@sam/protocol/ledger-api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { apiPath } from "../path-builder.ts";
import { ask } from "./client.ts";

const ledgerKey = ["ledger"] as const;
const pollMs = 15_000;
/** The provider is listed anew before anything is destroyed. */
const destroyTimeoutMs = 60_000;

export function useLedger() {
  return useQuery({
    queryKey: ledgerKey,
    queryFn: ({ signal }) => ask({ path: apiPath.ledger, answer: ledgerSchema, signal }),
    refetchInterval: pollMs,
  });
}

export function useDestroyListed() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ kind, id }: LedgerEntryView) => {
      const path = apiPath.destroyListed(kind, id);
      const answer = oneLedgerEntrySchema;
      return (await ask({ method: "POST", path, body: {}, answer, timeoutMs: destroyTimeoutMs })).entry;
    },
    onSettled: () => client.invalidateQueries({ queryKey: ledgerKey }),
  });
}
