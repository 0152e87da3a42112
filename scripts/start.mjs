/** `npm start -- ARGS`: installs and builds what is missing, then becomes `sam start ARGS`. */
import { runScript } from "./node.mjs";

await runScript(async () => {
  const { launch } = await import("./launch.mjs");
  await launch("apps/sam/dist/sam.mjs", ["start", ...process.argv.slice(2)]);
});
