/** Who is signed in. A one-time token becomes a cookie that scripts cannot read, and the proof that goes with it. */
import { sessionSchema, type SessionView, signedInSchema } from "@sam/protocol/session-api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { z } from "zod";

import { unsubscribeThisBrowser } from "../notifications/this-browser.ts";
import { apiPath } from "../path-builder.ts";
import { ask } from "./client.ts";
import { dropProof, keepProof } from "./proof.ts";

const sessionKey = ["session"] as const;

export function useSession(pollMs: number | false = false) {
  return useQuery({
    queryKey: sessionKey,
    queryFn: ({ signal }) => ask({ path: apiPath.session, answer: sessionSchema, signal }),
    refetchInterval: pollMs,
  });
}

/** A link that was used already still leads in where this browser is signed in. */
async function signIn(token: string): Promise<SessionView> {
  try {
    const { proof, ...session } = await ask({
      method: "POST",
      path: apiPath.session,
      body: { token },
      answer: signedInSchema,
    });
    keepProof(proof);
    return session;
  } catch (error) {
    const session = await ask({ path: apiPath.session, answer: sessionSchema }).catch(() => null);
    if (session === null) throw error;
    return session;
  }
}

export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: signIn,
    // What was refused before is asked for anew.
    onSuccess: () => client.resetQueries(),
  });
}

export function useSignOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      await ask({ method: "DELETE", path: apiPath.session, answer: z.unknown() });
      // Whoever is signed out is told nothing more; what is still sent here is answered as gone.
      await unsubscribeThisBrowser().catch(() => undefined);
    },
    onSuccess: () => {
      dropProof();
      return client.resetQueries();
    },
  });
}
