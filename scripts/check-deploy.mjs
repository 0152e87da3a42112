/** Bundles the Worker as a deployment would, with the built page, without a network and without deploying. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

import { findRuntimeNode, root, runScript, SetupError } from "./node.mjs";

const DRY_RUN_TIMEOUT_MS = 120_000;

await runScript(async () => {
  const { ensureBuilt } = await import("./build.mjs");
  await ensureBuilt();
  const directory = `${root}/apps/control`;
  if (!existsSync(`${directory}/wrangler.jsonc`)) throw new SetupError("apps/control/wrangler.jsonc is missing.");
  const wrangler = `${root}/node_modules/wrangler/bin/wrangler.js`;
  const result = spawnSync(findRuntimeNode(), [wrangler, "deploy", "--dry-run", "--outdir", "dist/deploy"], {
    cwd: directory,
    encoding: "utf8",
    timeout: DRY_RUN_TIMEOUT_MS,
    env: {
      ...process.env,
      CI: "true",
      WRANGLER_SEND_METRICS: "false",
      WRANGLER_SEND_ERROR_REPORTS: "false",
      WRANGLER_HIDE_BANNER: "true",
      CLOUDFLARE_CF_FETCH_ENABLED: "false",
      WRANGLER_LOG_PATH: `${directory}/.wrangler/logs`,
    },
  });
  if (result.status === 0) return;
  const how = result.error?.message ?? `exit code ${result.status}`;
  throw new SetupError(`${result.stdout}${result.stderr}\nThe dry run of the deployment failed (${how}).`);
});
