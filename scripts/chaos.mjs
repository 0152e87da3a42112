/** `npm run chaos -- ARGS`: installs and builds what is missing, then becomes the run. */
import { runScript } from "./node.mjs";

await runScript(async () => {
  const { launch } = await import("./launch.mjs");
  await launch("tests/chaos/main.ts", process.argv.slice(2));
});
