/** The provider of this installation, by its name in the environment; NodeLifecycle alone speaks to it. */
import type { NodeFailureReason } from "@sam/domain/node-lifecycle";
import { createLocalProvider } from "@sam/providers/local";
import type { Provider } from "@sam/providers/provider";
import { ProviderError } from "@sam/providers/provider-error";

import type { Env } from "../env.ts";

const providerTimeoutMs = 10_000;

/** Throws where the environment names a provider that this installation has no access to. */
export function providerOf(env: Env): Provider {
  if (env.PROVIDER === "local" && env.MACHINE_HOST !== undefined) {
    return createLocalProvider({ fetcher: env.MACHINE_HOST, timeoutMs: providerTimeoutMs });
  }
  throw new ProviderError("unauthorized", `this installation has no access to the provider ${env.PROVIDER}`);
}

/** @returns what a refusal means for the node; null where trying again may help. Decided by the typed code alone. */
export function refusalOf(error: unknown): { readonly failure: NodeFailureReason; readonly detail: string } | null {
  if (!(error instanceof ProviderError)) return null;
  const detail = error.message;
  switch (error.code) {
    case "quota_exceeded":
      return { failure: "quota_exceeded", detail };
    case "capacity":
      return { failure: "capacity", detail };
    case "unauthorized":
      return { failure: "unauthorized", detail };
    case "invalid_input":
    case "not_found":
      return { failure: "rejected", detail };
    case "in_use":
    case "name_taken":
    case "rate_limited":
    case "unavailable":
    case "timeout":
      return null;
  }
}
