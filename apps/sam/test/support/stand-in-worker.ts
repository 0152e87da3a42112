/**
 * Stands in for the control plane where a test is about the launcher or the CLI: the bindings, the token and the
 * schedule are real, the lifecycle is not. Tests only, never shipped; a text, since it runs in workerd.
 */
export const workerSource = `import { DurableObject } from "cloudflare:workers";

const json = (value, status = 200) => Response.json(value, { status });

function noSuch(path) {
  return { type: "about:blank", title: "Not found", status: 404, code: "not_found", detail: "There is no " + path + "." };
}

async function isAllowed(request, env) {
  const token = /^Bearer (.+)$/.exec(request.headers.get("authorization") ?? "")?.[1] ?? "";
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
  const hash = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const row = await env.DB.prepare("SELECT owner_id FROM api_tokens WHERE token_hash = ? AND expires_at > ?")
    .bind(hash, Date.now())
    .first();
  return row?.owner_id === env.OWNER_ID;
}

/** One task: a script of messages that the test appends to, streamed as the real one streams them. */
export class TaskRunner extends DurableObject {
  async fetch(request) {
    const url = new URL(request.url);
    if (request.headers.get("upgrade") === "websocket") return this.stream(Number(url.searchParams.get("after") ?? 0));
    if (request.method === "POST") return this.append(await request.json());
    if (!url.pathname.endsWith("/messages")) {
      const task = await this.ctx.storage.get("task");
      return task === undefined ? json(noSuch(url.pathname), 404) : json({ task });
    }
    const messages = (await this.ctx.storage.get("messages")) ?? [];
    const after = Number(url.searchParams.get("after") ?? 0);
    return json({ messages: messages.filter(({ seq }) => seq > after), lastSeq: messages.length });
  }

  async append({ messages = [], task, drop = false }) {
    const all = [...((await this.ctx.storage.get("messages")) ?? []), ...messages];
    await this.ctx.storage.put("messages", all);
    if (task !== undefined) await this.ctx.storage.put("task", task);
    for (const socket of this.ctx.getWebSockets()) {
      if (drop) socket.close(1012, "dropped by the test");
      else {
        if (messages.length > 0) socket.send(JSON.stringify({ type: "messages", messages }));
        if (task !== undefined) socket.send(JSON.stringify({ type: "task", task }));
      }
    }
    return json({ sockets: this.ctx.getWebSockets().length });
  }

  async stream(after) {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    this.ctx.acceptWebSocket(server);
    const messages = (await this.ctx.storage.get("messages")) ?? [];
    // The last one twice, as after an unlucky reconnect: a client must not show it twice.
    const repeated = after > 0 ? messages.slice(after - 1, after) : [];
    server.send(JSON.stringify({ type: "messages", messages: [...repeated, ...messages.slice(after)] }));
    const task = await this.ctx.storage.get("task");
    if (task !== undefined) server.send(JSON.stringify({ type: "task", task }));
    return new Response(null, { status: 101, webSocket: client });
  }
}

export class NodeLifecycle extends DurableObject {}

async function answer(request, env) {
  const url = new URL(request.url);
  const stream = /^\\/api\\/tasks\\/(task_\\w{26})(\\/(stream|messages))?$/.exec(url.pathname);
  if (stream !== null) return env.TASK_RUNNER.getByName(stream[1]).fetch(request);
  if (url.pathname === "/api/echo") {
    const { results } = await env.DB.prepare("SELECT count(*) AS ticks FROM ticks").all();
    const links = await env.DB.prepare("SELECT token_hash FROM sign_in_links").all();
    const tokens = await env.DB.prepare("SELECT token_hash, expires_at FROM api_tokens").all();
    return json({
      installationId: env.INSTALLATION_ID,
      ownerId: env.OWNER_ID,
      controlUrl: env.CONTROL_URL,
      provider: env.PROVIDER,
      settings: JSON.parse(env.SETTINGS),
      outages: JSON.parse(env.OUTAGES),
      version: env.SAM_VERSION,
      secretsKeyIds: JSON.parse(env.SECRETS_KEYS).map(({ id }) => id),
      extraAgents: JSON.parse(env.EXTRA_AGENTS),
      sampleRepository: env.SAMPLE_REPOSITORY ?? null,
      firstTaskId: env.FIRST_TASK_ID,
      linkHashes: links.results.map(({ token_hash }) => token_hash),
      ticks: results[0].ticks,
      tokens: tokens.results.map(({ expires_at }) => expires_at),
    });
  }
  if (url.pathname === "/api/sign-in-links") return json({ token: "t".repeat(43), expiresAt: Date.now() + 900_000 }, 201);
  return json(noSuch(url.pathname), 404);
}

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/api/health") return json({ ok: true, version: env.SAM_VERSION });
    if (!pathname.startsWith("/api/")) return env.ASSETS.fetch(request);
    if (await isAllowed(request, env)) return answer(request, env);
    const detail = "The token is missing or not valid any more.";
    return json({ type: "about:blank", title: "Unauthenticated", status: 401, code: "unauthenticated", detail }, 401);
  },
  async scheduled(controller, env) {
    await env.DB.prepare("INSERT INTO ticks VALUES (?)").bind(controller.scheduledTime).run();
    const { results } = await env.DB.prepare("SELECT count(*) AS ticks FROM ticks").all();
    if (results[0].ticks === 2) throw new Error("the second tick fails on purpose");
  },
};
`;

export const migrationSource = `
CREATE TABLE api_tokens (
	token_hash text PRIMARY KEY NOT NULL,
	owner_id text NOT NULL,
	scope text NOT NULL,
	created_at integer NOT NULL,
	expires_at integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE sign_in_links (
	token_hash text PRIMARY KEY NOT NULL,
	owner_id text NOT NULL,
	created_at integer NOT NULL,
	expires_at integer NOT NULL,
	used_at integer
);
--> statement-breakpoint
CREATE TABLE ticks (at integer NOT NULL);
--> statement-breakpoint
INSERT INTO api_tokens VALUES ('expired', 'user', 'cli', 0, 1);
`;
