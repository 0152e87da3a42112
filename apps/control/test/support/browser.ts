/** A browser, as far as signing in goes: it keeps the cookie, sends it along, and says from which page it asks. */
import { exports } from "cloudflare:workers";

export const ownOrigin = "http://control.test";

export class Browser {
  /** As it stands in the last `Set-Cookie`; null: none. */
  cookie: string | null = null;
  setCookies: string[] = [];

  /** @param init `origin`: the page that asks; null: none is said. */
  async fetch(path: string, init: RequestInit & { origin?: string | null } = {}): Promise<Response> {
    const { origin = ownOrigin, ...rest } = init;
    const headers = new Headers(rest.headers);
    if (origin !== null) headers.set("origin", origin);
    if (this.cookie !== null) headers.set("cookie", `theme=dark; ${this.cookie}; other=1`);
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

  signIn(token: string): Promise<Response> {
    return this.post("/api/session", { token });
  }
}
