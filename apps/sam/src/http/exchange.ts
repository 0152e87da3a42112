/**
 * One request over HTTP and its whole answer, within a deadline. Node's `fetch` and the import of `node:http` as a module
 * both load all of undici, which takes a command as long as everything else that it does.
 */
import type * as NodeHttp from "node:http";

export type HttpMethod = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface HttpRequest {
  readonly method: HttpMethod;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

/** Rejects with the reason where no whole answer came in time. */
export function exchange(url: URL | string, options: HttpRequest): Promise<HttpAnswer> {
  const http: typeof NodeHttp = process.getBuiltinModule("node:http");
  return new Promise((resolve, reject) => {
    const sent = http.request(
      url,
      {
        method: options.method,
        headers: { ...options.headers, ...lengthOf(options.body) },
        signal: AbortSignal.timeout(options.timeoutMs),
        // The other end may be gone at any moment: no connection is kept for later.
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("error", reject);
        response.once("end", () => {
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") });
        });
      },
    );
    sent.once("error", (error) => reject(timedOut(error) ? new Error("no answer in time", { cause: error }) : error));
    sent.end(options.body);
  });
}

function lengthOf(body: string | undefined): Record<string, string> {
  return body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
}

function timedOut(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}
