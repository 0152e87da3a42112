/** What every vitest project of the Worker shares: its bindings, its migrations, and the provider's double. */
import { fileURLToPath } from "node:url";

import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

import { MachineHostDouble } from "./machine-host-double.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** @param settings overrides of the lifecycle's settings, for tests that let real time pass. */
export function workerProject(name: string, include: string[], settings: Record<string, number>) {
  return defineConfig({
    plugins: [
      // Asked for by each file that starts, so each has a double of its own and files can run side by side.
      cloudflareTest(async () => ({
        wrangler: { configPath: path("../../wrangler.jsonc") },
        remoteBindings: false,
        miniflare: {
          bindings: {
            TEST_MIGRATIONS: await readD1Migrations(path("../../migrations")),
            INSTALLATION_ID: "01JTESTSTALLAT10NXXXXXXXXX",
            CONTROL_URL: "http://control.test",
            SETTINGS: JSON.stringify(settings),
            SECRETS_KEYS: JSON.stringify([{ id: "first", key: Buffer.alloc(32, 1).toString("base64") }]),
          },
          serviceBindings: { MACHINE_HOST: machineHost() },
        },
      })),
    ],
    // What the Worker reports of a failure that a test caused on purpose is shown only where that test fails.
    test: { name, silent: "passed-only", root: path("../.."), include, testTimeout: 120_000 },
  });
}

function machineHost(): (request: Request) => Promise<Response> {
  const double = new MachineHostDouble();
  return (request) => double.handle(request);
}
