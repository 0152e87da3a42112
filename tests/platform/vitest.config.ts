import { fileURLToPath } from "node:url";

import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

const migrations = fileURLToPath(new URL("migrations", import.meta.url));

export default defineConfig({
  plugins: [
    cloudflareTest(async () => ({
      main: "./worker.ts",
      remoteBindings: false,
      miniflare: {
        compatibilityDate: "2026-10-01",
        compatibilityFlags: ["nodejs_compat"],
        d1Databases: ["DB"],
        durableObjects: { COUNTER: { className: "Counter", useSQLite: true } },
        bindings: { TEST_MIGRATIONS: await readD1Migrations(migrations) },
      },
    })),
  ],
  test: { name: "platform", include: ["**/*.test.ts"] },
});
