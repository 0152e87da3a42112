/** A git server on loopback that can stall: smart HTTP by git's own `http-backend`. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

export class GitServer {
  readonly #root: string;
  readonly #server: Server;
  #opened = Promise.resolve();
  #open: () => void = () => undefined;

  private constructor(root: string) {
    this.#root = root;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  /** Serves the bare repositories of a folder until the test ends. */
  static async start(test: { onTestFinished(fn: () => Promise<void>): void }, root: string): Promise<GitServer> {
    const server = new GitServer(root);
    test.onTestFinished(() => server.#stop());
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    return server;
  }

  /** @param name the folder of the repository. */
  url(name: string): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the git server does not listen");
    return `http://127.0.0.1:${address.port}/${name}`;
  }

  /** From now on requests for objects wait. */
  stall(): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#opened = promise;
    this.#open = resolve;
  }

  goOn(): void {
    this.#open();
  }

  async #stop(): Promise<void> {
    this.goOn();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://server");
    if (request.method === "POST" && url.pathname.endsWith("/git-upload-pack")) await this.#opened;
    if (request.destroyed && !request.complete) return;
    const backend = spawn("git", ["http-backend"], { env: this.#environment(request, url) });
    backend.stdin.on("error", () => undefined);
    request.pipe(backend.stdin);
    let head = "";
    backend.stdout.on("data", (chunk: Buffer) => {
      if (response.headersSent) return void response.write(chunk);
      head += chunk.toString("latin1");
      const end = head.indexOf("\r\n\r\n");
      if (end === -1) return;
      writeHead(response, head.slice(0, end));
      response.write(Buffer.from(head.slice(end + 4), "latin1"));
    });
    backend.once("close", () => response.end());
    response.once("close", () => backend.kill("SIGKILL"));
  }

  #environment(request: IncomingMessage, url: URL): Record<string, string | undefined> {
    const header = (name: string) => request.headers[name]?.toString();
    return {
      PATH: process.env["PATH"],
      GIT_PROJECT_ROOT: this.#root,
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_SYSTEM: "/dev/null",
      GIT_PROTOCOL: header("git-protocol"),
      REQUEST_METHOD: request.method,
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: header("content-type"),
      HTTP_CONTENT_ENCODING: header("content-encoding"),
      REMOTE_ADDR: "127.0.0.1",
    };
  }
}

function writeHead(response: ServerResponse, head: string): void {
  for (const line of head.split("\r\n")) {
    const [name = "", ...rest] = line.split(": ");
    const value = rest.join(": ");
    if (name.toLowerCase() === "status") response.statusCode = Number(value.split(" ")[0]);
    else response.setHeader(name, value);
  }
  response.flushHeaders();
}
