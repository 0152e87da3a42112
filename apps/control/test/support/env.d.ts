/** What the tests find in `env`: the Worker's bindings, and the migrations that vitest.config.ts reads. */
declare namespace Cloudflare {
  interface Env {
    readonly DB: D1Database;
    readonly TASK_RUNNER: DurableObjectNamespace<import("../../src/worker.ts").TaskRunner>;
    readonly NODE_LIFECYCLE: DurableObjectNamespace<import("../../src/worker.ts").NodeLifecycle>;
    readonly MACHINE_HOST: Fetcher;
    readonly TEST_MIGRATIONS: import("cloudflare:test").D1Migration[];
    readonly INSTALLATION_ID: string;
    readonly CONTROL_URL: string;
    readonly PROVIDER: string;
    readonly SETTINGS: string;
    readonly OUTAGES: string;
    readonly SAM_VERSION: string;
    readonly SECRETS_KEYS: string;
  }
  interface GlobalProps {
    readonly mainModule: typeof import("../../src/worker.ts");
  }
}
