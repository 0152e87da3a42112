/** `npm run sim -- ARGS`: installs what is missing, then runs the simulator, which needs no build. */
import { ensureInstalled } from "./install.mjs";
import { runAsChild } from "./launch.mjs";
import { findRuntimeNode, root, runScript } from "./node.mjs";

await runScript(async () => {
  await ensureInstalled();
  await runAsChild(findRuntimeNode(), [`${root}/packages/sim/src/main.ts`, ...process.argv.slice(2)]);
});
