import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, it } from "vitest";

import { locateDataDirectory, openDataDirectory } from "../data-directory/data-directory.ts";
import { PlaneVariables, type Variables } from "./plane-variables.ts";
import { SystemLog } from "./system-log.ts";

let root = "";
let log: SystemLog;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sam-variables-"));
  log = new SystemLog(openDataDirectory(locateDataDirectory(root)));
});
afterEach(() => {
  log.close();
  rmSync(root, { recursive: true, force: true });
});

/** Restarts when it is let; says with what. */
class Plane {
  readonly restarts: Variables[] = [];
  #finish: ((error: Error | null) => void) | null = null;

  restart(variables: Variables): Promise<void> {
    this.restarts.push(variables);
    return new Promise((resolve, reject) => {
      this.#finish = (error) => (error === null ? resolve() : reject(error));
    });
  }

  async finish(error: Error | null = null): Promise<void> {
    this.#finish?.(error);
    // What waits for the restart goes on before the next turn of the loop.
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

const started = { A: "1", B: "1", URL: "http://127.0.0.1:1" };

it("what changes during a restart makes one more, with all of it; what is the same makes none", async () => {
  const plane = new Plane();
  const variables = new PlaneVariables({ A: "1", B: "1" }, log);
  variables.reach(plane, started);
  variables.change({ A: "1" });
  expect(plane.restarts).toEqual([]);
  variables.change({ A: "2" });
  variables.change({ B: "2" });
  variables.change({ A: "3" });
  await plane.finish();
  expect(plane.restarts).toEqual([
    { ...started, A: "2" },
    { ...started, A: "3", B: "2" },
  ]);
  await plane.finish();
  variables.change({ A: "3" });
  expect(plane.restarts).toHaveLength(2);
});

it("what changes before the control plane is up reaches it as soon as it is", async () => {
  const plane = new Plane();
  const variables = new PlaneVariables({ A: "1", B: "1" }, log);
  variables.change({ A: "2" });
  variables.reach(plane, started);
  expect(plane.restarts).toEqual([{ ...started, A: "2" }]);
  await plane.finish();
  expect(plane.restarts).toHaveLength(1);
});

it("a restart that fails is said, and the next change tries again with everything", async () => {
  const plane = new Plane();
  const variables = new PlaneVariables({ A: "1", B: "1" }, log);
  variables.reach(plane, started);
  variables.change({ A: "2" });
  await plane.finish(new Error("no workerd"));
  expect(readFileSync(log.path, "utf8")).toContain("no workerd");
  variables.change({ B: "2" });
  expect(plane.restarts.at(-1)).toEqual({ ...started, A: "2", B: "2" });
  await plane.finish();
});
