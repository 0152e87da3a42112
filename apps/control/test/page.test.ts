/**
 * The page's files, as a browser and as whoever wants other files meet them. The build's folder is played by a handful of
 * files here; that the real one is found is shown where a whole system runs.
 */
import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";

import worker from "../src/worker.ts";
import { problemOf } from "./support/problem.ts";

const files: Readonly<Record<string, readonly [type: string, text: string]>> = {
  "/index.html": ["text/html; charset=utf-8", "<!doctype html><title>SAM</title>"],
  "/assets/main-Ab12.js": ["text/javascript; charset=utf-8", "export {};"],
  "/theme.js": ["text/javascript; charset=utf-8", "0;"],
  "/icon.svg": ["image/svg+xml", "<svg/>"],
};

const asked: Request[] = [];
const folder = {
  fetch: (request: Request) => {
    asked.push(request);
    const file = files[new URL(request.url).pathname];
    if (file === undefined) return Promise.resolve(new Response("Not Found", { status: 404 }));
    if (request.headers.get("if-none-match") === '"same"') return Promise.resolve(new Response(null, { status: 304 }));
    const [type, text] = file;
    return Promise.resolve(new Response(text, { headers: { "content-type": type, etag: '"same"' } }));
  },
} satisfies Pick<Fetcher, "fetch">;

async function get(path: string, init: RequestInit<IncomingRequestCfProperties> = {}): Promise<Response> {
  const request = new Request<unknown, IncomingRequestCfProperties>(`http://control.test${path}`, init);
  return worker.fetch(request, { ...env, ASSETS: folder }, createExecutionContext());
}

describe("a place inside the page", () => {
  it.each(["/", "/sign-in", "/tasks/task_00000000000000000000000000", "/projects?x=1", "/no/such/place", "/apiary"])(
    "%s: the entry, which no cache keeps",
    async (path) => {
      const response = await get(path);
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toContain("text/html");
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(await response.text()).toContain("<title>SAM</title>");
    },
  );

  it.each(["/assets/main-Old0.js", "/assets/nothing", "/favicon.ico", "/robots.txt", "/.env", "/index.html.map"])(
    "%s is a file, and there is none: 404, not the entry",
    async (path) => {
      const response = await get(path);
      expect(response.status).toBe(404);
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect((await problemOf(response)).code).toBe("not_found");
    },
  );

  it.each(["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])("%s: there is nothing to do to a page", async (method) => {
    expect((await get("/", { method })).status).toBe(404);
  });

  it("where there are no files, says so as the API does", async () => {
    const request = new Request<unknown, IncomingRequestCfProperties>("http://control.test/");
    const { ASSETS: _none, ...bare } = { ...env, ASSETS: folder };
    const response = await worker.fetch(request, bare, createExecutionContext());
    expect(response.status).toBe(404);
  });
});

describe("another name of this machine, where another program may listen", () => {
  const at = (url: string, provider: string) =>
    worker.fetch(
      new Request<unknown, IncomingRequestCfProperties>(url, { redirect: "manual" }),
      { ...env, PROVIDER: provider, ASSETS: folder },
      createExecutionContext(),
    );

  it.each([
    ["http://localhost:8787/tasks/x?show=diff", "http://127.0.0.1:8787/tasks/x?show=diff"],
    ["http://[::1]:9000/", "http://127.0.0.1:9000/"],
    ["http://localhost//evil.test/", "http://127.0.0.1//evil.test/"],
  ])("%s leads to the one name that the page has there", async (url, proper) => {
    const response = await at(url, "local");
    expect([response.status, response.headers.get("location")]).toEqual([307, proper]);
    expect(response.headers.get("cache-control")).toBe("no-cache");
  });

  it("elsewhere a name is as it is", async () => {
    expect((await at("http://localhost:8787/", "hetzner")).status).toBe(200);
    expect((await at("http://127.0.0.1:8787/", "local")).status).toBe(200);
  });
});

describe("a file of the build", () => {
  it("with the hash of its content in its name is kept for ever; another is asked for again", async () => {
    const hashed = await get("/assets/main-Ab12.js");
    expect(hashed.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(hashed.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
    expect(await hashed.text()).toBe("export {};");
    for (const path of ["/theme.js", "/icon.svg"]) {
      expect((await get(path)).headers.get("cache-control")).toBe("no-cache");
    }
    const known = await get("/theme.js", { headers: { "if-none-match": '"same"' } });
    expect(known.status).toBe(304);
    expect(known.body).toBeNull();
  });

  it("is looked up without the cookie, the token and the query of who asks", async () => {
    asked.length = 0;
    await get("/theme.js?token=secret", { headers: { cookie: "sam_session=secret", authorization: "Bearer secret" } });
    expect(asked).toHaveLength(1);
    expect(asked[0]?.url).toBe("http://control.test/theme.js");
    expect([...(asked[0]?.headers ?? [])]).toEqual([]);
  });

  it("HEAD: its headers, and no content", async () => {
    const response = await get("/theme.js", { method: "HEAD" });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("");
  });
});

describe("what a browser is told", () => {
  const policyOf = (response: Response) =>
    new Map(
      (response.headers.get("content-security-policy") ?? "").split("; ").map((rule) => {
        const [name = "", ...values] = rule.split(" ");
        return [name, values.join(" ")];
      }),
    );

  it.each(["/", "/assets/main-Ab12.js", "/theme.js", "/no/such.file"])(
    "%s: no script but ours, nothing from elsewhere, no frame",
    async (path) => {
      const response = await get(path);
      expect(Object.fromEntries(policyOf(response))).toEqual({
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self'",
        "connect-src": "'self' ws://control.test",
        "worker-src": "'self' blob:",
        "manifest-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
      });
      expect(Object.fromEntries(response.headers)).toMatchObject({
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": expect.stringContaining("camera=()"),
        "x-frame-options": "DENY",
      });
    },
  );

  it("over https its sockets are too, and a strange name adds no rule of its own", async () => {
    const at = async (url: string) =>
      policyOf(
        await worker.fetch(
          new Request<unknown, IncomingRequestCfProperties>(url),
          { ...env, PROVIDER: "hetzner", ASSETS: folder },
          createExecutionContext(),
        ),
      );
    expect((await at("https://sam.example.com/")).get("connect-src")).toBe("'self' wss://sam.example.com");
    const strange = await at("http://a;script-src=b/");
    expect(strange.get("connect-src")).toBe("'self'");
    expect(strange.get("script-src")).toBe("'self'");
  });

  it.each(["/api/health", "/api/tasks", "/api/nothing", "/api"])(
    "%s is the API's: for no cache, and what it says it is",
    async (path) => {
      const { headers } = await get(path);
      expect(headers.get("content-type")).toMatch(/^application\/(problem\+)?json/);
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
    },
  );
});
