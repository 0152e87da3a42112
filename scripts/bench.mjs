/** `npm run bench -- ARGS`: installs and builds what is missing, then becomes the benchmark. */
import { runScript } from "./node.mjs";

await runScript(async () => {
  const { launch } = await import("./launch.mjs");
  await launch("tests/bench/main.ts", process.argv.slice(2));
});
