/** Secrets: their names and ages. A value goes to the API and never comes back. */
import { secretListSchema } from "@sam/protocol/secret-api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { z } from "zod";

import { apiPath } from "../path-builder.ts";
import { agentKeys } from "./agents.ts";
import { ask } from "./client.ts";

export const secretKeys = { all: ["secrets"] as const };
const pollMs = 30_000;

export function useSecrets() {
  return useQuery({
    queryKey: secretKeys.all,
    queryFn: async ({ signal }) => (await ask({ path: apiPath.secrets, answer: secretListSchema, signal })).secrets,
    refetchInterval: pollMs,
  });
}

/** An agent's key is a secret, so both lists are asked for anew. */
function useSecretMutation<Input>(send: (input: Input) => Promise<unknown>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: send,
    // A value that was sent is not kept for a page that nobody looks at.
    gcTime: 0,
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: secretKeys.all }),
        client.invalidateQueries({ queryKey: agentKeys.all }),
      ]),
  });
}

export interface SetSecretInput {
  readonly name: string;
  readonly value: string;
}

export function useSetSecret() {
  return useSecretMutation(({ name, value }: SetSecretInput) =>
    ask({ method: "PUT", path: apiPath.secret(name), body: { value }, answer: z.unknown() }),
  );
}

export function useDeleteSecret() {
  return useSecretMutation((name: string) =>
    ask({ method: "DELETE", path: apiPath.secret(name), answer: z.unknown() }),
  );
}
