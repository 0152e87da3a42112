import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, it } from "vitest";

import { DiskWatch } from "./disk-space.ts";

it("goes on watching where a folder is removed meanwhile: that fills no disk", () => {
  const folder = mkdtempSync(join(tmpdir(), "sam-disk-"));
  const watch = new DiskWatch([folder]);
  rmSync(folder, { recursive: true });
  expect(watch.stop()).toBe(null);
});
