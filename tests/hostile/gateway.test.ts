/** The model gateway in hostile hands: it forwards for its own agent alone, to its model's server alone. */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, request as httpRequest, type Server } from "node:http";
import { connect } from "node:net";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { ModelGateway } from "../../apps/vm-agent/src/gateway/model-gateway.ts";
import { TurnLedger } from "../../apps/vm-agent/src/gateway/turn-ledger.ts";

const key = "the-real-key-of-the-owner";
const ledger = () => new TurnLedger({ onFailing: () => undefined, onAnswering: () => undefined }, 60_000);

/** Everything that reached the model's server. */
const reached: { readonly url: string; readonly headers: IncomingHttpHeaders }[] = [];
let server: Server;
let gateway: ModelGateway;
let other: ModelGateway;
let host: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    reached.push({ url: request.url ?? "", headers: request.headers });
    request.resume();
    response.end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  host = typeof address === "object" && address !== null ? `127.0.0.1:${address.port}` : "";
  const model = { baseUrl: new URL(`http://${host}/base/v1`), dialect: "openai_chat" as const, key };
  [gateway, other] = await Promise.all([ModelGateway.start(model, ledger()), ModelGateway.start(model, ledger())]);
});
afterAll(() => {
  gateway.close();
  other.close();
  server.close();
});
beforeEach(() => void reached.splice(0));

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** The path goes as it is: nothing makes it proper on its way. */
function ask(path: string, headers: Readonly<Record<string, string>>, method = "POST"): Promise<Answer> {
  const { hostname, port } = new URL(gateway.url);
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, path, method, headers, timeout: 10_000 }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, text: `${JSON.stringify(response.headers)}${text}` }),
      );
    });
    request.on("error", reject);
    request.on("timeout", () => request.destroy(new Error("no answer")));
    request.end("{}");
  });
}

const admitted = () => ({ authorization: `Bearer ${gateway.token}` });

describe("without its token, the gateway", () => {
  it.each([
    ["none", () => ({})],
    ["another start's", () => ({ authorization: `Bearer ${other.token}` })],
    ["half of it", () => ({ authorization: `Bearer ${gateway.token.slice(0, -1)}` })],
    ["it with more", () => ({ authorization: `Bearer ${gateway.token}x` })],
    [
      "it as a basic password",
      () => ({ authorization: `Basic ${Buffer.from(`x:${gateway.token}`).toString("base64")}` }),
    ],
    ["the real key", () => ({ authorization: `Bearer ${key}`, "x-api-key": key })],
    ["it in a cookie", () => ({ cookie: `key=${gateway.token}` })],
    ["it in a proxy's header", () => ({ "proxy-authorization": `Bearer ${gateway.token}` })],
    ["an empty one", () => ({ authorization: "Bearer ", "x-api-key": "" })],
  ])("forwards nothing: 401 for %s", async (_, headers) => {
    const { status, text } = await ask("/chat/completions", headers());
    expect(status).toBe(401);
    expect(text).not.toContain(key);
    expect(reached).toEqual([]);
  });

  it("forwards nothing for a token in an address that is no path, or under another name", async () => {
    expect((await ask(`http://evil.invalid/?key=${gateway.token}`, {})).status).toBe(401);
    expect((await ask("/chat?KEY=x", {})).status).toBe(401);
    expect(reached).toEqual([]);
  });
});

describe("a path or a header that would lead the gateway elsewhere", () => {
  it.each([
    "//evil.invalid/x",
    "///evil.invalid/x",
    "/\\evil.invalid/x",
    "/@evil.invalid/x",
    "/..",
    "/../../admin",
    "/%2e%2e/%2e%2e/admin",
    "/.%2e/admin",
    "/..;/admin",
    "/x/../../../admin",
    "/x?url=http://evil.invalid/#/../..",
    "/chat/completions?key=x&key=y",
  ])("%s stays below the base path of the model's server", async (path) => {
    const { text } = await ask(path, { ...admitted(), host: "evil.invalid" });
    expect(text).not.toContain(key);
    for (const { url, headers } of reached) {
      expect(url).toMatch(/^\/base\/v1\//);
      expect(new URL(url, "http://x").pathname).toMatch(/^\/base\/v1/);
      expect(headers.host).toBe(host);
      expect(headers.authorization).toBe(`Bearer ${key}`);
      expect(JSON.stringify(headers)).not.toContain(gateway.token);
    }
  });

  it.each(["http://evil.invalid/x", "https://evil.invalid/x", "evil.invalid:80", "*", "file:///etc/passwd"])(
    "%s in the place of a path is not passed on",
    async (path) => {
      const { status } = await ask(path, admitted());
      expect([400, 401]).toContain(status);
      expect(reached).toEqual([]);
    },
  );

  it("a tunnel is refused, and so are two messages in one", async () => {
    const { hostname, port } = new URL(gateway.url);
    const words = [
      `CONNECT evil.invalid:443 HTTP/1.1\r\nhost: evil.invalid\r\nauthorization: Bearer ${gateway.token}\r\n\r\n`,
      `POST /chat HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${gateway.token}\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /admin HTTP/1.1\r\nhost: x\r\n\r\n`,
      `GET /chat HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${gateway.token}\r\nx: y\r\nx\n: z\r\n\r\n`,
    ];
    for (const text of words) {
      const socket = connect(Number(port), hostname);
      socket.on("error", () => undefined);
      socket.resume();
      socket.write(text);
      socket.setTimeout(2_000, () => socket.destroy());
      await once(socket, "close");
    }
    expect(reached.filter(({ url }) => url !== "/base/v1/chat")).toEqual([]);
  });

  it("headers about the connection cannot take the key's place or take it out", async () => {
    await ask("/chat", {
      ...admitted(),
      connection: "authorization, host",
      "x-api-key": "mine",
      "x-goog-api-key": "mine",
      "api-key": "mine",
    });
    expect(reached).toHaveLength(1);
    expect(reached[0]?.headers).toMatchObject({ authorization: `Bearer ${key}`, host });
    expect(JSON.stringify(reached[0]?.headers)).not.toContain("mine");
  });
});
