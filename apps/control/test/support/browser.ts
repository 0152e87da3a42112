/**
 * A browser with our page in it, as far as signing in goes: it keeps both halves of a session, sends them along, and says
 * from which page it asks.
 */
import { proofHeader, signedInSchema } from "@sam/protocol/session-api";
import { exports } from "cloudflare:workers";

export const ownOrigin = "http://control.test";

export class Browser {
  /** As it stands in the last `Set-Cookie`; null: none. */
  cookie: string | null = null;
  /** What the page keeps; null: it has lost it. */
  proof: string | null = null;
  setCookies: string[] = [];

  /** @param init `origin`: the page that asks; null: none is said. */
  async fetch(path: string, init: RequestInit & { origin?: string | null } = {}): Promise<Response> {
    const { origin = ownOrigin, ...rest } = init;
    const headers = new Headers(rest.headers);
    if (origin !== null) headers.set("origin", origin);
    if (this.cookie !== null) headers.set("cookie", `theme=dark; ${this.cookie}; other=1`);
    if (this.proof !== null && !headers.has(proofHeader)) headers.set(proofHeader, this.proof);
    const response = await exports.default.fetch(new Request(`${ownOrigin}${path}`, { ...rest, headers }));
    this.setCookies = response.headers.getSetCookie();
    for (const line of this.setCookies) {
      const [pair = ""] = line.split(";");
      this.cookie = pair.endsWith("=") ? null : pair;
    }
    return response;
  }

  post(path: string, body: unknown, origin: string | null = ownOrigin): Promise<Response> {
    const headers = { "content-type": "application/json" };
    return this.fetch(path, { method: "POST", headers, body: JSON.stringify(body), origin });
  }

  async signIn(token: string): Promise<Response> {
    const response = await this.post("/api/session", { token });
    if (response.ok) this.proof = signedInSchema.parse(await response.clone().json()).proof;
    return response;
  }

  /** Dials the stream of a task, as a page does: a socket has no headers of its own. */
  dial(taskId: string, protocols: readonly string[], origin: string | null = ownOrigin): Promise<Response> {
    const headers = { upgrade: "websocket", "sec-websocket-protocol": protocols.join(", ") };
    return this.fetch(`/api/tasks/${taskId}/stream`, { headers, origin });
  }
}
