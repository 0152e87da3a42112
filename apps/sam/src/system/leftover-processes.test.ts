import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, it } from "vitest";

import { until } from "../../test/support/until.ts";
import { type DataDirectory, locateDataDirectory } from "../data-directory/data-directory.ts";
import { hostMark } from "../machine-host/host-mark.ts";
import { leftoverProcesses } from "./leftover-processes.ts";

let directory: DataDirectory;
let children: ChildProcess[];

beforeEach(() => {
  directory = locateDataDirectory(realpathSync(mkdtempSync(join(tmpdir(), "sam-leftovers-"))));
  children = [];
});

afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(directory.path, { recursive: true });
});

function start(environment: Readonly<Record<string, string>>): number | undefined {
  const child = spawn("sleep", ["60"], { env: { PATH: process.env["PATH"], ...environment }, stdio: "ignore" });
  children.push(child);
  return child.pid;
}

it("finds what carries the machine host's mark, and what only has its home on a node's disk", async () => {
  const marked = start({ SAM_MACHINE_HOST: `${hostMark(directory.path)}:then` });
  const resident = start({ HOME: join(directory.path, "machine-host/servers/srv_x/disk/homes/task_x") });
  start({
    SAM_MACHINE_HOST: `${hostMark(`${directory.path}-other`)}:then`,
    HOME: `${directory.path}-other/machine-host/servers/srv_x`,
  });
  await until("both are found", () => leftoverProcesses(directory).length === 2);
  expect(new Set(leftoverProcesses(directory))).toEqual(new Set([marked, resident]));
});
