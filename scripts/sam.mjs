/** `npm run sam -- ARGS`: installs and builds what is missing, then becomes `sam ARGS`. */
import { runScript } from "./node.mjs";

await runScript(async () => {
  const { launch } = await import("./launch.mjs");
  await launch("apps/sam/dist/sam.mjs", process.argv.slice(2));
});
