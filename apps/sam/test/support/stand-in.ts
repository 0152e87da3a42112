/** Bundles that stand in for the control plane and the VM agent, so that a test of the launcher needs no build. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

import { migrationSource, workerSource } from "./stand-in-worker.ts";

export interface StandIn {
  /** Empty, to be removed with the rest. */
  readonly dataDirectory: string;
  readonly migrations: string;
  readonly env: NodeJS.ProcessEnv;
  remove(): void;
}

const machineHost = join(import.meta.dirname, "../../src/machine-host");

export function createStandIn(): StandIn {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "sam-test-")));
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const source = (name: string) => `import ${JSON.stringify(pathToFileURL(join(machineHost, name)).href)};\n`;
  put("bundles/control/dist/worker.js", workerSource);
  put("bundles/control/migrations/0000_init.sql", migrationSource);
  put("bundles/vm-agent/dist/vm-agent.mjs", "setInterval(() => undefined, 60_000);\n");
  put("bundles/vm-agent/dist/agent-installer.mjs", "");
  mkdirSync(join(root, "bundles/vm-agent/agents"));
  put("bundles/runbook/dist/runbook.mjs", "");
  put("bundles/sam/dist/machine-host/git-relay.mjs", source("git-relay.ts"));
  put("bundles/sam/dist/machine-host/warden.mjs", source("warden.ts"));
  const dataDirectory = join(root, "data");
  const env = { ...process.env, NO_COLOR: "1" };
  return {
    dataDirectory,
    migrations: join(root, "bundles/control/migrations"),
    env: { ...env, SAM_BUNDLES_DIR: join(root, "bundles"), SAM_DATA_DIR: dataDirectory, INIT_CWD: root },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
