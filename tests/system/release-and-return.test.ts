/**
 * Waiting costs nothing, against the real system: a task that nobody answers has its work saved and its machine released,
 * which is then gone with all that was on it; what its person says brings it back, as it was, on another one.
 */
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { allVerdictsHold } from "@sam/domain/verdicts";
import { nodeViewSchema, type NodeView } from "@sam/protocol/node-api";
import type { TaskView } from "@sam/protocol/task-api";
import { describe, expect, it } from "vitest";
import { z } from "zod";

import { addStandIn } from "./command-line/talking-agent.ts";
import { agentTexts, readMessages } from "./support/conversation.ts";
import { expectRowChangesEqualTransitions } from "./support/proofs.ts";
import { git, type Repository } from "./support/repository.ts";
import { type Finisher, sam } from "./support/sam-command.ts";
import { shareSystem } from "./support/shared-system.ts";
import { System } from "./support/system.ts";

const settings = { awaitingReleaseMs: 700, tasksPerNode: 1, nodePollMs: 500, providerPollMs: 200, capacityPollMs: 500 };
/** A node that nobody needs any more goes at once, so the one that a task comes back to is another. */
const noWarmNodes = { ...settings, warmMs: 1 };

const system = shareSystem({ settings: noWarmNodes, prepare: addStandIn });

const block = (code: string) => `\`\`\`sh\n${code}\n\`\`\``;

function submit(to: System, { path: url }: Repository, prompt: string, mode: "task" | "conversation" = "task") {
  const agentId = prompt.startsWith("draft ") ? "stand-in" : "runbook";
  return to.submit({ prompt, repository: { url }, agentId, mode, checkCommand: "test -s kept.txt" });
}

/** What this remote does when saved work comes. */
function atSaving({ path }: Repository, does: string): void {
  const hook = join(path, "hooks/update");
  mkdirSync(join(path, "hooks"), { recursive: true });
  writeFileSync(hook, `#!/bin/sh\ncase "$1" in refs/sam/*) ${does};; esac\n`);
  chmodSync(hook, 0o755);
}

/** Waits until nobody waits for its person on a machine any more. */
function released(by: System, taskId: string): Promise<TaskView> {
  return by.until(
    "its machine is released",
    async () => {
      const task = await by.api.task(taskId);
      return task.release?.releasedAt === null || task.release === null ? null : task;
    },
    { taskId },
  );
}

async function notesOf(by: System, taskId: string): Promise<readonly string[]> {
  const messages = await readMessages(by.api, taskId);
  return messages.flatMap(({ body }) => (body.kind === "note" ? [body.text] : []));
}

/** @returns the nodes that it had, in their order. */
async function nodesOf(by: System, taskId: string): Promise<readonly string[]> {
  return (await notesOf(by, taskId)).flatMap((note) => /^Claimed (node_\w+)/.exec(note)?.[1] ?? []);
}

async function nodeOf(by: System, nodeId: string): Promise<NodeView> {
  return (await by.api.request("GET", `/api/nodes/${nodeId}`, z.object({ node: nodeViewSchema }))).node;
}

async function isThroughTurn(by: System, taskId: string, turns: number): Promise<boolean> {
  const { step } = await by.api.task(taskId);
  const prompts = (await readMessages(by.api, taskId)).filter(({ body }) => body.kind === "prompt");
  return step === "awaiting_input" && prompts.length === turns;
}

/** Nothing of a node is left: neither it nor a process or a file of it, nor one of the task. */
async function expectGone(by: System, taskId: string, nodeId: string): Promise<void> {
  const view = await by.until("its node is destroyed", async () => {
    const node = await nodeOf(by, nodeId);
    return node.final ? node : null;
  });
  const { serverId } = view;
  expect(serverId).not.toBeNull();
  expect(by.belongings.nodes().filter((node) => node.serverId === serverId)).toEqual([]);
  expect(by.nodeDisks().filter((disk) => disk.includes(String(serverId)))).toEqual([]);
  expect(by.belongings.ofTask(taskId)).toEqual([]);
}

/** Its work is at the remote, as a commit on what it began with, and is not on its branch. */
async function expectSaved(task: TaskView, repository: Repository, files: readonly string[]): Promise<void> {
  const ref = `refs/sam/wip/${task.taskId}`;
  expect(task).toMatchObject({
    step: "awaiting_input",
    nodeId: null,
    release: { savedRef: ref, kept: null, dueAt: null },
    savedWork: { place: "remote", uncommittedFiles: files.length },
  });
  expect(await git(repository.path, "rev-parse", ref)).toBe(task.savedWork?.commit);
  const changed = await git(repository.path, "diff", "--name-only", "main", ref);
  expect(changed.split("\n").toSorted()).toEqual([...files].toSorted());
  expect(await repository.branches()).toEqual([]);
}

async function expectDelivered(by: System, task: TaskView, repository: Repository): Promise<void> {
  const { step, failure, verdicts, branch, taskId } = task;
  await by.explained(taskId, async () => {
    expect({ step, failure }).toEqual({ step: "completed", failure: null });
    expect(verdicts.checked?.outcome).toBe("passed");
    expect(allVerdictsHold(verdicts)).toBe(true);
    expect(verdicts.pushed?.commit).toBe(await repository.head(branch));
    expect(repository.pushes(branch)).toBe(1);
    await expectRowChangesEqualTransitions(by, taskId);
  });
}

async function inboxOf(test: Finisher, by: System, taskId: string): Promise<string> {
  const { stdout } = await sam(test, ["inbox"], by);
  return stdout.split("\n\n").find((part) => part.includes(taskId)) ?? "";
}

describe.concurrent("a task that nobody answers", () => {
  it("is told something more: its work is there on another machine, uncommitted, and it is delivered", async (test) => {
    const repository = await system().repository("talks");
    const work = block("echo kept >kept.txt\necho more >>README.md");
    const { taskId } = await submit(system(), repository, work, "conversation");
    const away = await released(system(), taskId);
    await expectSaved(away, repository, ["README.md", "kept.txt"]);
    const [first = ""] = await nodesOf(system(), taskId);
    await expectGone(system(), taskId, first);
    expect(await inboxOf(test, system(), taskId)).toMatch(
      /costs {4}nothing.*[^]*machine {2}released at .*, work saved at refs\/sam\/wip\/.*; an answer brings the task back/,
    );

    const said = await sam(test, ["say", taskId, block("git status --porcelain >seen.txt")], system());
    expect(said).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("✓ accepted") });
    await system().until("its second turn is over", () => isThroughTurn(system(), taskId, 2), { taskId });
    expect((await system().api.task(taskId)).replies).toMatchObject([{ requestId: null, readAt: expect.any(Number) }]);
    const [, second = first] = await nodesOf(system(), taskId);
    expect(second).not.toBe(first);
    expect((await notesOf(system(), taskId)).join("\n")).toContain("told a summary of what came before");
    await system().api.deliver(taskId);
    const task = await system().untilFinal(taskId);
    await expectDelivered(system(), task, repository);
    expect(await repository.read(task.branch, "seen.txt")).toBe("M README.md\n?? kept.txt\n?? seen.txt");
    expect(await repository.read(task.branch, "README.md")).toBe("# A project\nmore");
  });

  it("is answered: its agent is told so on another machine, finds what it had begun, and ends what it asked about", async (test) => {
    const repository = await system().repository("asks");
    const { taskId } = await submit(system(), repository, "draft kept.txt hello");
    const away = await released(system(), taskId);
    expect(away.permission).toMatchObject({ title: "Write kept.txt" });
    await expectSaved(away, repository, ["kept.txt.draft"]);
    const [first = ""] = await nodesOf(system(), taskId);
    await expectGone(system(), taskId, first);

    const given = await sam(test, ["answer", taskId, "1"], system());
    expect(given).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("✓ accepted") });
    const task = await system().untilFinal(taskId);
    await expectDelivered(system(), task, repository);
    expect(await repository.changed(task.branch)).toEqual(["kept.txt"]);
    expect(await repository.read(task.branch, "kept.txt")).toBe("hello");
    const notes = (await notesOf(system(), taskId)).join("\n");
    expect(notes).toContain("told a summary of what came before");
    expect(notes).toContain("The agent is told that you answered");
    expect(task.replies).toMatchObject([{ optionId: "yes", readAt: expect.any(Number), missed: null }]);
    const [, second = ""] = await nodesOf(system(), taskId);
    expect(second).not.toBe(first);
    await expectGone(system(), taskId, second);
  });

  it("keeps its node where the remote refuses its work, which is said, and comes back there", async (test) => {
    const repository = await system().repository("refuses");
    atSaving(repository, "exit 1");
    const { taskId } = await submit(system(), repository, "draft kept.txt hello");
    const away = await released(system(), taskId);
    expect(away).toMatchObject({ nodeId: null, savedWork: { place: "mirror", uncommittedFiles: 1 } });
    const [first = ""] = await nodesOf(system(), taskId);
    await system().until("its node is kept", async () => {
      const node = await nodeOf(system(), first);
      return node.kept !== null && node.claims.length === 0 && node.holds.some((hold) => hold.taskId === taskId);
    });
    const shown = await inboxOf(test, system(), taskId);
    expect(shown).toMatch(new RegExp(`released at .* on ${first} alone, which is kept for it`));
    expect(shown).not.toContain("costs  nothing");
    expect((await sam(test, ["answer", taskId, "1"], system())).exitCode).toBe(0);
    const task = await system().untilFinal(taskId);
    await expectDelivered(system(), task, repository);
    expect(await repository.read(task.branch, "kept.txt")).toBe("hello");
    expect(await nodesOf(system(), taskId)).toEqual([first, first]);
    await expectGone(system(), taskId, first);
  });
});

const savingGate = "saving";

/** Saved work is taken by this remote once the gate is open. @returns the file that says that it stands there. */
function holdSaving({ stage }: System, repository: Repository): string {
  const held = `${repository.path}.held`;
  stage.shut(savingGate);
  atSaving(repository, `touch '${held}'; ${stage.wait(savingGate)}`);
  return held;
}

async function answer(to: System, taskId: string): Promise<TaskView> {
  const { permission } = await to.api.task(taskId);
  return to.api.answer(taskId, { requestId: permission?.requestId ?? "", optionId: "yes" });
}

describe.concurrent("an answer", () => {
  it("that comes while its machine is being released waits for that, though all who have a part in it are killed", async (test) => {
    const own = await System.prepare(test, { settings });
    addStandIn(own);
    const [repository] = await Promise.all([own.repository(), own.up()]);
    const held = holdSaving(own, repository);
    const { taskId } = await submit(own, repository, "draft kept.txt hello");
    await own.until("its work is being saved", () => existsSync(held), { taskId });
    expect((await own.api.task(taskId)).release).toMatchObject({ savingSince: expect.any(Number), comesBack: false });
    expect((await answer(own, taskId)).release).toMatchObject({ savingSince: expect.any(Number), comesBack: true });
    await own.kill9("workerd");
    await own.until("the control plane is back", async () => (await own.api.task(taskId)).taskId === taskId);
    expect((await own.api.task(taskId)).release).toMatchObject({ comesBack: true });
    await own.kill9("VM agent");
    own.stage.open(savingGate);
    const task = await own.untilFinal(taskId);
    await expectDelivered(own, task, repository);
    expect(await repository.read(task.branch, "kept.txt")).toBe("hello");
    const [first, second] = await nodesOf(own, taskId);
    // The machine is warm, and has its session yet.
    expect(second).toBe(first);
    expect((await notesOf(own, taskId)).filter((note) => note.includes(" loaded session "))).toHaveLength(1);
  });

  it("is not lost, nor given twice, where everything is killed before it and right behind it", async (test) => {
    const own = await System.prepare(test, { settings: noWarmNodes });
    addStandIn(own);
    const [repository] = await Promise.all([own.repository(), own.up()]);
    const { taskId } = await submit(own, repository, "draft kept.txt hello");
    const away = await released(own, taskId);
    await own.kill9("launcher");
    await own.up();
    const { items } = await own.api.inbox();
    expect(items).toMatchObject([
      { task: { taskId }, cost: { kind: "no_machine" }, wait: { release: { releasedAt: away.release?.releasedAt } } },
    ]);
    await answer(own, taskId);
    await own.kill9("launcher");
    await own.up();
    const task = await own.untilFinal(taskId);
    await expectDelivered(own, task, repository);
    expect(await repository.read(task.branch, "kept.txt")).toBe("hello");
    expect(agentTexts(await readMessages(own.api, taskId))).toEqual(["May I write kept.txt?", "Wrote kept.txt."]);
    expect((await own.api.inbox()).items).toEqual([]);
  });
});
