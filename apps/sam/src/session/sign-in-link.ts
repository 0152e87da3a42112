/** A link that signs in to the page, once. Its token stands in the fragment, which no browser sends and no server logs. */
import { signInLinkSchema } from "@sam/protocol/session-api";

import type { ApiClient } from "../client/api-client.ts";

export interface SignInLink {
  readonly url: string;
  readonly expiresAt: number;
}

export async function makeSignInLink(api: ApiClient): Promise<SignInLink> {
  const { token, expiresAt } = await api.request("POST", "/api/sign-in-links", signInLinkSchema);
  return { url: `${api.locate().url}/sign-in#${token}`, expiresAt };
}
