/** Who is signed in. A one-time token becomes a cookie that scripts cannot read. */
import { sessionSchema } from "@sam/protocol/session-api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { z } from "zod";

import { apiPath } from "../path-builder.ts";
import { ask } from "./client.ts";

const sessionKey = ["session"] as const;

export function useSession(pollMs: number | false = false) {
  return useQuery({
    queryKey: sessionKey,
    queryFn: ({ signal }) => ask({ path: apiPath.session, answer: sessionSchema, signal }),
    refetchInterval: pollMs,
  });
}

export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (token: string) =>
      ask({ method: "POST", path: apiPath.session, body: { token }, answer: sessionSchema }),
    // What was refused before is asked for anew.
    onSuccess: () => client.resetQueries(),
  });
}

export function useSignOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => ask({ method: "DELETE", path: apiPath.session, answer: z.unknown() }),
    onSuccess: () => client.resetQueries(),
  });
}
