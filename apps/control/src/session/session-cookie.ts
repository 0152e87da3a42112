/** The cookie that carries a session: out of reach of scripts, and never sent along by a page of another site. */
import type { Context } from "hono";
import { deleteCookie, setCookie } from "hono/cookie";

import type { ApiContext } from "../api/session.ts";

type AnyContext = Context<ApiContext>;

const cookieName = "sam_session";
const cookiePattern = /(?:^|;\s*)sam_session=([\w-]{43})(?=;|$)/g;
const maxCookies = 4;

/**
 * @returns the tokens that may be a session's. Cookies know no ports, so another program of this host can set one of the
 * same name; it must not shut ours out.
 */
export function sessionTokensOf({ req }: Pick<AnyContext, "req">): string[] {
  const found = [...(req.header("cookie") ?? "").matchAll(cookiePattern)];
  return found.flatMap(([, token]) => (token === undefined ? [] : [token])).slice(0, maxCookies);
}

export function setSessionCookie(context: AnyContext, token: string, expiresAt: number, now: number): void {
  setCookie(context, cookieName, token, { ...attributesOf(context), maxAge: Math.floor((expiresAt - now) / 1000) });
}

export function clearSessionCookie(context: AnyContext): void {
  deleteCookie(context, cookieName, attributesOf(context));
}

function attributesOf({ req }: AnyContext) {
  const secure = new URL(req.url).protocol === "https:";
  return { httpOnly: true, sameSite: "Strict", path: "/", secure } as const;
}
