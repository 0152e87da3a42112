/** The control plane as Miniflare is told of it: the Worker with its bindings, and the launcher's door beside it. */
import type { MiniflareOptions } from "miniflare";

import type { breakageBinding } from "../breakage/breakage-binding.ts";
import { doorName, doorSource } from "./door.ts";
import type { machineHostBinding } from "./machine-host-binding.ts";
import type { pageFiles } from "./page-files.ts";

const workerName = "sam-control";
const compatibilityDate = "2026-10-01";

type InstanceOptions = Omit<MiniflareOptions, "workers">;

export interface ControlPlaneParts {
  readonly source: string;
  /** Texts, by the names that the Worker reads them by. */
  readonly variables: Readonly<Record<string, string>>;
  readonly machineHost: ReturnType<typeof machineHostBinding>;
  readonly page: ReturnType<typeof pageFiles>;
  readonly breakage: ReturnType<typeof breakageBinding>;
  readonly doorSecret: string;
  readonly instance: InstanceOptions;
}

function modules(source: string) {
  return {
    mainModule: "main.js",
    modulesRoot: "/",
    modules: { "main.js": { type: "esm" as const, contents: source } },
  };
}

export function miniflareOptions(parts: ControlPlaneParts): MiniflareOptions {
  const variables: Record<string, { type: "text"; value: string }> = {};
  for (const [name, value] of Object.entries(parts.variables)) variables[name] = { type: "text", value };
  const database = { type: "d1" as const, id: "sam" };
  const object = (exportName: string) => ({ type: "durable-object" as const, worker: workerName, exportName });
  const sqlite = { type: "durable-object" as const, storage: "sqlite" as const };
  return {
    ...parts.instance,
    host: "127.0.0.1",
    // Nothing is fetched from the network, and no other Miniflare of this machine is looked for.
    cf: false,
    enableDevRegistry: false,
    telemetry: { enabled: false },
    logRequests: false,
    workers: [
      {
        config: {
          name: workerName,
          compatibilityDate,
          manifest: modules(parts.source),
          exports: { TaskRunner: sqlite, NodeLifecycle: sqlite },
          env: {
            ...variables,
            DB: database,
            TASK_RUNNER: object("TaskRunner"),
            NODE_LIFECYCLE: object("NodeLifecycle"),
            MACHINE_HOST: { type: "fetcher", handler: parts.machineHost },
            BREAKAGE: { type: "fetcher", handler: parts.breakage },
            ASSETS: { type: "fetcher", handler: parts.page },
          },
        },
      },
      {
        config: {
          name: doorName,
          compatibilityDate,
          compatibilityFlags: ["service_binding_extra_handlers"],
          manifest: modules(doorSource),
          env: {
            DB: database,
            CONTROL: { type: "worker", worker: workerName },
            SECRET: { type: "text", value: parts.doorSecret },
          },
        },
        dev: { unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }] },
      },
    ],
  };
}
