/** The service binding by which the Worker asks for a breakage: requests of workerd, handled in this process. */
import type { Request as WorkerRequest, Response as WorkerResponse } from "miniflare";

import type { BreakageHost } from "./breakage-host.ts";

/** @param Reply Miniflare's class of responses. */
export function breakageBinding(host: Pick<BreakageHost, "handle">, Reply: typeof WorkerResponse) {
  return async (request: WorkerRequest): Promise<WorkerResponse> => {
    const text = request.method === "GET" ? "" : await request.text();
    const { status, body } = host.handle(request.method, text);
    return new Reply(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
  };
}
