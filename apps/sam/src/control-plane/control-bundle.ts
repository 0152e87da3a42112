/** What the control plane is started from: the bundled Worker and its migrations, in the checkout. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { bundlesDirectory } from "../data-directory/checkout.ts";
import { CommandError } from "../exit-code.ts";
import { type Migration, readMigrations } from "./migrations.ts";

export interface ControlBundle {
  readonly source: string;
  readonly migrations: readonly Migration[];
}

/** @param directory holds `dist/worker.js` and `migrations/`. */
export function readControlBundle(directory: string = join(bundlesDirectory(), "control")): ControlBundle {
  const worker = join(directory, "dist", "worker.js");
  if (!existsSync(worker)) {
    throw new CommandError(`The control plane is not built: ${worker} is missing. Run: npm run build`);
  }
  return { source: readFileSync(worker, "utf8"), migrations: readMigrations(join(directory, "migrations")) };
}
