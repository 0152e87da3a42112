/** What is built, from where, for which runtime: a bundle is one file in a `dist` folder, the page is a folder of them. */
import { existsSync } from "node:fs";

import { root } from "./node.mjs";

/**
 * @typedef {object} Target
 * @property {string} name
 * @property {string} entry below the root
 * @property {string} output below the root; what is written last, so that it stands for all of it
 * @property {string} record below the root; which files went into it
 * @property {import("esbuild").BuildOptions | null} options null: the page, which Vite builds
 */

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
  // What runs for ever keeps its text in memory, once in the launcher and once in workerd.
  minify: true,
  keepNames: true,
  mainFields: ["module", "main"],
  conditions: ["workerd", "worker", "browser"],
  external: ["cloudflare:*", "node:*"],
  loader: { ".sql": "text" },
};

/** @type {Omit<Target, "record">[]} */
const bundles = [
  {
    name: "vm-agent",
    entry: "apps/vm-agent/src/main.ts",
    output: "apps/vm-agent/dist/vm-agent.mjs",
    options: node,
  },
  {
    name: "agent-installer",
    entry: "apps/vm-agent/src/install/installer-main.ts",
    output: "apps/vm-agent/dist/agent-installer.mjs",
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

/** @type {Target[]} */
export const targets = [
  ...bundles.map((bundle) => ({ ...bundle, record: `${bundle.output}.inputs.json` })),
  {
    name: "web",
    entry: "apps/web/index.html",
    output: "apps/web/dist/index.html",
    // Everything in its `dist` is served, so the record stands elsewhere.
    record: "node_modules/.cache/build/web.inputs.json",
    options: null,
  },
];

/** The targets whose entry exists. */
export function presentTargets() {
  return targets.filter((target) => existsSync(`${root}/${target.entry}`));
}
