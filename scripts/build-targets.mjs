/** What is built, from where, for which runtime: one entry is one file in a `dist` folder. */
import { existsSync } from "node:fs";

import { root } from "./node.mjs";

/** @typedef {{ name: string, entry: string, output: string, options: import("esbuild").BuildOptions }} Target */

/** @type {import("esbuild").BuildOptions} */
const shared = {
  bundle: true,
  format: "esm",
  target: "es2024",
  sourcemap: true,
  sourcesContent: false,
  legalComments: "none",
  logLevel: "silent",
};

/** @type {import("esbuild").BuildOptions} */
const node = { ...shared, platform: "node", target: "node24" };

/**
 * workerd: `cloudflare:*` and `node:*` are there at run time, migrations are text.
 * @type {import("esbuild").BuildOptions}
 */
const worker = {
  ...shared,
  platform: "neutral",
  mainFields: ["module", "main"],
  conditions: ["workerd", "worker", "browser"],
  external: ["cloudflare:*", "node:*"],
  loader: { ".sql": "text" },
};

/** @type {Target[]} */
export const targets = [
  {
    name: "vm-agent",
    entry: "apps/vm-agent/src/main.ts",
    output: "apps/vm-agent/dist/vm-agent.mjs",
    options: node,
  },
  {
    name: "runbook",
    entry: "apps/runbook/src/main.ts",
    output: "apps/runbook/dist/runbook.mjs",
    options: node,
  },
  {
    name: "sam",
    entry: "apps/sam/src/main.ts",
    output: "apps/sam/dist/sam.mjs",
    // Miniflare finds workerd beside itself.
    options: { ...node, external: ["miniflare"] },
  },
  {
    name: "git-relay",
    entry: "apps/sam/src/machine-host/git-relay.ts",
    output: "apps/sam/dist/machine-host/git-relay.mjs",
    options: node,
  },
  {
    name: "warden",
    entry: "apps/sam/src/machine-host/warden.ts",
    output: "apps/sam/dist/machine-host/warden.mjs",
    options: node,
  },
  {
    name: "control",
    entry: "apps/control/src/worker.ts",
    output: "apps/control/dist/worker.js",
    options: worker,
  },
];

/** The targets whose entry exists. */
export function presentTargets() {
  return targets.filter((target) => existsSync(`${root}/${target.entry}`));
}
