/**
 * The ledger against the real machine host: servers and disks that stayed behind, as a lost database, a newer version and
 * another installation on the same machine host would leave them.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { makeId, workspaceIdOf } from "@sam/domain/ids";
import { savedRefOf } from "@sam/domain/saved-work";
import { ledgerSchema } from "@sam/protocol/ledger-api";
import { ulid } from "ulid";
import { expect, it } from "vitest";

import { locateDataDirectory } from "../../apps/sam/src/data-directory/data-directory.ts";
import { loadInstallation } from "../../apps/sam/src/data-directory/installation.ts";
import { DiskLayout } from "../../apps/vm-agent/src/boot/disk-layout.ts";
import { System } from "./support/system.ts";

/** A folder of the machine host, as it left it. @returns the server's id. */
function leave(system: System, labels: Readonly<Record<string, string>>, version = 1): string {
  const id = `srv_${ulid()}`;
  const folder = folderOf(system, id);
  mkdirSync(join(folder, "disk/home"), { recursive: true });
  writeFileSync(join(folder, "disk/user-data.json"), "{}");
  const record = {
    version,
    id,
    name: id.toLowerCase().replace("_", "-"),
    machineType: "local",
    location: "this-machine",
    labels,
    createdAt: 1,
    wanted: "on",
    repositories: [],
    cgroups: [],
  };
  writeFileSync(join(folder, "server.json"), JSON.stringify(record));
  return id;
}

function folderOf(system: System, id: string): string {
  return join(system.dataDirectory, "machine-host/servers", id);
}

function layoutOf(system: System, id: string): DiskLayout {
  return new DiskLayout(join(folderOf(system, id), "disk"));
}

it("destroys what is ours and no node's, keeps unsaved work until it is told, and never touches the rest", async (test) => {
  const system = await System.prepare(test, {
    settings: { ledgerPollMs: 100, ledgerGraceMs: 1_500 },
    environment: { SAM_SWEEP_INTERVAL_MS: "200" },
  });
  const { installationId } = loadInstallation(locateDataDirectory(system.dataDirectory), Date.now());
  const ours = () => ({ "sam-installation": installationId, "sam-node": makeId("node", ulid()) });
  const lost = leave(system, ours());
  const foreign = leave(system, { ...ours(), "sam-installation": ulid() });
  const untagged = leave(system, {});
  const disk = leave(system, ours(), 2);
  // As the VM agent lays its disk out: a workspace that stands, and work that was saved in a mirror.
  const [work, saved] = [leave(system, ours(), 2), leave(system, ours(), 2)];
  const taskId = makeId("task", ulid());
  mkdirSync(layoutOf(system, work).workspace(workspaceIdOf(taskId)), { recursive: true });
  const ref = join(layoutOf(system, saved).mirror("/srv/project.git"), savedRefOf(taskId));
  mkdirSync(dirname(ref), { recursive: true });
  writeFileSync(ref, `${"1".repeat(40)}\n`);
  const isThere = (id: string) => existsSync(folderOf(system, id));
  await system.up();

  const look = () => system.api.request("GET", "/api/ledger", ledgerSchema);
  const shown = await system.until("the first listing", async () => {
    const ledger = await look();
    return ledger.listedAt === null ? null : ledger;
  });
  const verdicts = new Map(shown.entries.map(({ kind, id, verdict }) => [`${kind}/${id}`, verdict]));
  expect(verdicts.get(`server/${lost}`)).toBe("unowned");
  expect([lost, disk].map(isThere)).toEqual([true, true]);

  await system.until("what is nobody's is gone", () => !isThere(lost) && !isThere(disk));
  await system.until("two listings do not have it", async () => {
    const { entries } = await look();
    return entries.every(({ id }) => id !== lost && id !== disk);
  });
  const after = (await look()).entries.map(({ kind, id, verdict, destroyAt }) => [`${kind}/${id}`, verdict, destroyAt]);
  expect(after).toEqual([
    [`disk/${work}`, "kept", null],
    [`disk/${saved}`, "kept", null],
    [`server/${foreign}`, "foreign", null],
    [`disk/${foreign}`, "foreign", null],
    [`server/${untagged}`, "untagged", null],
    [`disk/${untagged}`, "untagged", null],
  ]);

  const told = await system.sam("ledger");
  expect(told.output).toContain(`kept until you say so: sam ledger --destroy disk/${work}`);
  expect(told.output).toMatch(new RegExp(`server/${foreign}.*\\n.*not ours, never touched`));
  expect(await system.sam("ledger", "--destroy", `server/${foreign}`)).toMatchObject({ exitCode: 1 });
  const unasked = await system.sam("ledger", "--destroy", `disk/${work}`);
  expect(unasked).toMatchObject({ exitCode: 2 });
  expect(unasked.output).toMatch(/work that is saved nowhere else .* To do it without a question: --yes/);
  expect(isThere(work)).toBe(true);
  expect(await system.sam("ledger", "--destroy", `disk/${work}`, "--yes")).toMatchObject({ exitCode: 0 });
  expect([work, saved, foreign, untagged].map(isThere)).toEqual([false, true, true, true]);
});
