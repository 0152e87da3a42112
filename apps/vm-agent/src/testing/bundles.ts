/** The programs under test, bundled as they are shipped, once per test file. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

export interface Bundles {
  /** Where they are, and whatever else a test puts there. */
  readonly folder: string;
  readonly vmAgent: string;
  readonly testAgent: string;
  remove(): void;
}

export async function buildBundles(): Promise<Bundles> {
  const folder = mkdtempSync(join(tmpdir(), "sam-vm-agent-bundles-"));
  const vmAgent = join(folder, "vm-agent.mjs");
  const testAgent = join(folder, "test-agent.mjs");
  const options = { bundle: true, platform: "node", target: "node24", format: "esm", logLevel: "silent" } as const;
  await Promise.all([
    build({ ...options, entryPoints: [sourceOf("../main.ts")], outfile: vmAgent }),
    build({ ...options, entryPoints: [sourceOf("./test-agent.ts")], outfile: testAgent }),
  ]);
  return { folder, vmAgent, testAgent, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function sourceOf(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}
