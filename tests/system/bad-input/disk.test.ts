/**
 * A full disk under the nodes. The disk is a small file system that only SAM's own processes see, in a mount namespace of
 * theirs, so that this needs no right that an ordinary user doesn't have where user namespaces are allowed.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "vitest";

import { readMessages } from "../support/conversation.ts";
import { untilEnded } from "../support/ends.ts";
import { expectReceipt, expectRowChangesEqualTransitions } from "../support/proofs.ts";
import { git } from "../support/repository.ts";
import { startSam } from "../support/sam-command.ts";
import { System } from "../support/system.ts";

const diskMegabytes = 40;

const oneBlock = "Say it.\n\n```sh\necho said > said.txt\n```\n";
const filling = `Write more than there is room for.

\`\`\`sh
echo kept > kept.txt
\`\`\`

\`\`\`sh
head -c ${diskMegabytes * 2}000000 /dev/urandom > too-large.bin
\`\`\`
`;

it("fails the task, saying what is full; nothing is lost, and work goes on once there is room again", async (test) => {
  const system = await System.prepare(test);
  const { dataDirectory } = system;
  const servers = join(dataDirectory, "machine-host/servers");
  mkdirSync(servers, { recursive: true });
  const mount = `mount -t tmpfs -o size=${diskMegabytes}m none '${servers}' && exec "$@"`;
  const through = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, "sh"];
  const running = startSam(test, ["up"], { dataDirectory, through });
  await running.untilPrinted("SAM is ready on");
  const repository = await system.repository();

  const full = await system.submit({ prompt: filling, repository: { url: repository.path } });
  const failed = await untilEnded(system, full.taskId, { step: "failed", failure: { reason: "disk_full" } });
  expect(failed.failure?.evidence).toMatch(/: \d+ of 4\d{7} bytes are free/);
  expect(failed.failure?.whatToDo).toContain("Free space");
  expect(JSON.stringify(await readMessages(system.api, full.taskId))).toContain("No space left on device");

  // Seen as SAM's own processes see it, the workspace is as the agent left it.
  const [server = ""] = readdirSync(`/proc/${running.pid}/root${servers}`);
  const disk = `/proc/${running.pid}/root${servers}/${server}/disk`;
  const [workspace = ""] = readdirSync(join(disk, "workspaces"));
  expect(readFileSync(join(disk, "workspaces", workspace, "kept.txt"), "utf8")).toBe("kept\n");
  rmSync(join(disk, "workspaces", workspace, "too-large.bin"));

  const next = await system.submit({ prompt: oneBlock, repository: { url: repository.path } });
  const good = await untilEnded(system, next.taskId, { step: "completed" });
  expect(await repository.read(good.branch, "said.txt")).toBe("said");
  expect((await system.api.nodes()).nodes).toHaveLength(1);
  // What was refused for want of room is tried again by itself.
  await expectReceipt(system, full.taskId, false);
  const [mirror = ""] = readdirSync(join(disk, "mirrors")).filter((name) => name.endsWith(".git"));
  const copy = join(system.folder, mirror);
  cpSync(join(disk, "mirrors", mirror), copy, { recursive: true });
  expect(await git(copy, "show", `refs/sam/wip/${full.taskId}:kept.txt`)).toBe("kept");
  await expectRowChangesEqualTransitions(system, full.taskId);
});
