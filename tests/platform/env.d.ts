/** What the tests find in `env`: the Worker's bindings, and the migrations that vitest.config.ts reads. */
declare namespace Cloudflare {
  interface Env {
    readonly DB: D1Database;
    readonly COUNTER: DurableObjectNamespace<import("./worker.ts").Counter>;
    readonly TEST_MIGRATIONS: import("cloudflare:test").D1Migration[];
  }
}
