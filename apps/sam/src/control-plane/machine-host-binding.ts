/** The service binding by which the Worker speaks to the machine host: requests of workerd, handled in this process. */
import type { Request as WorkerRequest, Response as WorkerResponse } from "miniflare";

/** The machine host, as the launcher sees it. */
export interface MachineHost {
  handle(request: Request): Promise<Response>;
  start(): Promise<void>;
  stop(): Promise<void>;
  setControlUrl(url: string): void;
  /** See `machine-host.ts`: what a person may break on purpose. */
  killVmAgent(serverId: string): Promise<void>;
  cutNetwork(serverId: string, durationMs: number): Promise<void>;
}

/**
 * @param ready settles when the machine host can answer; requests that come earlier, or while it stalls, wait for it.
 * @param Reply Miniflare's class of responses.
 */
export function machineHostBinding(
  host: Pick<MachineHost, "handle">,
  ready: () => Promise<unknown>,
  Reply: typeof WorkerResponse,
) {
  return async (request: WorkerRequest): Promise<WorkerResponse> => {
    await ready();
    const bodiless = request.method === "GET" || request.method === "HEAD";
    const answer = await host.handle(
      new Request(request.url, {
        method: request.method,
        headers: [...request.headers],
        body: bodiless ? null : await request.text(),
      }),
    );
    const text = await answer.text();
    return new Reply(text === "" ? null : text, { status: answer.status, headers: [...answer.headers] });
  };
}
