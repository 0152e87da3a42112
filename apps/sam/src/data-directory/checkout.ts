/** The checkout that this command came from: where the Worker and the default data directory are. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** @returns where the bundles of the apps are: `control/dist/worker.js` and so on. Tests put others there. */
export function bundlesDirectory(env: NodeJS.ProcessEnv = process.env): string {
  return env["SAM_BUNDLES_DIR"] ?? join(checkoutRoot(), "apps");
}

/** @returns the root of the checkout, found upwards from the bundle or the source. */
export function checkoutRoot(from: string = import.meta.dirname): string {
  for (let directory = from; ; directory = dirname(directory)) {
    if (existsSync(join(directory, "apps", "control", "package.json"))) return directory;
    if (dirname(directory) === directory) throw new Error(`no checkout of SAM above ${from}`);
  }
}
