/** Tests of the Worker run inside workerd, with the bindings of wrangler.jsonc and storage of their own per file. */
import { fileURLToPath } from "node:url";

import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

const migrations = fileURLToPath(new URL("migrations", import.meta.url));

export default defineConfig({
  plugins: [
    cloudflareTest(async () => ({
      wrangler: { configPath: "./wrangler.jsonc" },
      remoteBindings: false,
      miniflare: { bindings: { TEST_MIGRATIONS: await readD1Migrations(migrations) } },
    })),
  ],
  test: { name: "control", include: ["src/**/*.test.ts", "test/**/*.test.ts"], testTimeout: 20_000 },
});
