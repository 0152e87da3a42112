/** Many tasks at once: each ends as if it had been alone, and nothing of one appears in another. */
import { isFinal } from "@sam/domain/task-lifecycle";
import { allVerdictsHold } from "@sam/domain/verdicts";
import { describe, expect, it } from "vitest";

import { readMessages } from "./support/conversation.ts";
import { untilEnded } from "./support/ends.ts";
import { expectReceipt, expectRowChangesEqualTransitions, expectWholeConversation } from "./support/proofs.ts";
import { git, type Repository } from "./support/repository.ts";
import { System } from "./support/system.ts";

const wrote = "wrote";
const looked = "looked";

/**
 * Leaves traces wherever a program leaves some, and looks for those of others once everybody has left theirs. The mark
 * is put together by the shell, so that it stands in no command line and in no prompt.
 */
function tracesPrompt(system: System, name: string): string {
  const { stage } = system;
  return `Leave traces, then look for those of others.

\`\`\`sh
mark="$(echo trace)-of-${name}"
echo "$mark"
echo "$mark" | tee "$mark.txt" "$HOME/$mark" "$TMPDIR/$mark" >/dev/null
git config --global user.name "$mark" && git config user.email "$mark@example.invalid"
git branch "$mark" && git tag "$mark" && echo "$mark" >uncommitted.txt && git stash --quiet --include-untracked
git stash pop --quiet && git add "$mark.txt" && git commit --quiet --message "$mark"
export TRACE="$mark"
sh -c 'exec sleep 1000' "$mark" &
${stage.wait(wrote)}
{ env; ls -AR . "$HOME" "$TMPDIR"; git config --list; git for-each-ref; git log --all --format=%an%ae%s; } >seen.txt
cat seen.txt
${stage.wait(looked)}
\`\`\`
`;
}

interface Tracer {
  readonly name: string;
  readonly taskId: string;
  readonly repository: Repository;
}

async function startTracers(system: System, names: readonly string[], shared: Repository | null): Promise<Tracer[]> {
  const started = names.map(async (name) => {
    const repository = shared ?? (await system.repository(name));
    const prompt = tracesPrompt(system, name);
    const { taskId } = await system.submit({ prompt, repository: { url: repository.path }, checkCommand: "env" });
    return { name, taskId, repository };
  });
  return Promise.all(started);
}

/** Waits until every block has come to where it waits: each has started its sleep by then. */
async function untilAllWait(system: System, tracers: readonly Tracer[]): Promise<void> {
  for (const { taskId } of tracers) {
    const hasSleep = () => system.belongings.ofTask(taskId).some(({ command }) => command[0] === "sleep");
    await system.until("the block waits", hasSleep, { taskId });
  }
}

const marksOfOthers = (own: string, all: readonly Tracer[]) =>
  all.filter(({ name }) => name !== own).map(({ name }) => `trace-of-${name}`);

const places = [
  { place: "one node", repositories: "repositories of their own", settings: { tasksPerNode: 3, maxNodes: 1 } },
  { place: "one node", repositories: "one repository", settings: { tasksPerNode: 3, maxNodes: 1 } },
  { place: "a node each", repositories: "one repository", settings: { tasksPerNode: 1, maxNodes: 3 } },
] as const;

describe.concurrent("tasks at once see nothing of each other, and one that is cancelled takes nobody along", () => {
  it.for(places)("on $place, with $repositories", async ({ settings, repositories }, test) => {
    const system = await System.start(test, { settings });
    for (const gate of [wrote, looked]) system.stage.shut(gate);
    const shared = repositories === "one repository" ? await system.repository() : null;
    const tracers = await startTracers(system, ["alpha", "beta", "gamma"], shared);
    await untilAllWait(system, tracers);
    const processes = tracers.map(({ taskId }) => system.belongings.ofTask(taskId).map(({ pid }) => pid));
    expect(new Set(processes.flat()).size).toBe(processes.flat().length);
    expect(system.belongings.nodes()).toHaveLength(settings.maxNodes);

    const [cancelled, ...others] = tracers;
    if (cancelled === undefined) throw new Error("there should be three");
    system.stage.open(wrote);
    await system.api.cancel(cancelled.taskId);
    await untilEnded(system, cancelled.taskId, { step: "cancelled" });
    await expectReceipt(system, cancelled.taskId, true);
    expect(system.belongings.ofTask(cancelled.taskId)).toEqual([]);
    for (const { taskId } of others) {
      const hasSleep = system.belongings.ofTask(taskId).some(({ command }) => command[0] === "sleep");
      expect(hasSleep).toBe(true);
    }
    system.stage.open(looked);

    for (const { name, taskId, repository } of others) {
      const { branch, verdicts } = await untilEnded(system, taskId, { step: "completed" });
      expect(allVerdictsHold(verdicts)).toBe(true);
      expect(await repository.changed(branch)).toEqual(["seen.txt", `trace-of-${name}.txt`, "uncommitted.txt"]);
      const commits = await git(repository.path, "log", "--format=%an %ae %s%n%b", `main..${branch}`);
      const seen = await repository.read(branch, "seen.txt");
      const conversation = JSON.stringify(await readMessages(system.api, taskId));
      for (const text of [commits, seen, conversation, JSON.stringify(verdicts)]) {
        for (const mark of marksOfOthers(name, tracers)) expect(text).not.toContain(mark);
      }
      for (const text of [seen, conversation]) expect(text).toContain(`trace-of-${name}`);
      await expectRowChangesEqualTransitions(system, taskId);
    }
    for (const repository of new Set(tracers.map((tracer) => tracer.repository))) {
      const own = await Promise.all(others.map(async ({ taskId }) => (await system.api.task(taskId)).branch));
      for (const branch of await repository.branches()) expect(own).toContain(branch);
    }
  });
});

const crowd = 50;
const settings = { maxNodes: 4, tasksPerNode: 3 };

it("fifty tasks at once on four nodes all end rightly, and leave nothing running", async (test) => {
  const system = await System.start(test, { settings });
  const repositories = await Promise.all(["a", "b", "c", "d", "e"].map((name) => system.repository(name)));
  const submitted = Array.from({ length: crowd }, async (_, index) => {
    const repository = repositories[index % repositories.length];
    if (repository === undefined) throw new Error("no repository");
    const { taskId } = await system.submit({
      prompt: `Task ${index} says its number.\n\n\`\`\`sh\necho "number ${index}" >number-${index}.txt\n\`\`\`\n`,
      repository: { url: repository.path },
      checkCommand: `grep -qx 'number ${index}' number-${index}.txt`,
    });
    return { index, repository, taskId };
  });
  const requests = await Promise.all(submitted);
  const live = requests.slice(0, 5).map(({ taskId }) => ({ taskId, conversation: system.follow(taskId) }));

  await system.until(
    "all have ended",
    async () => (await system.api.tasks()).tasks.filter(({ step }) => isFinal(step)).length === crowd,
    { timeoutMs: 90_000, intervalMs: 200 },
  );

  for (const { index, repository, taskId } of requests) {
    const task = await untilEnded(system, taskId, { step: "completed", failure: null });
    expect(allVerdictsHold(task.verdicts)).toBe(true);
    expect(task.verdicts.checked).toMatchObject({ outcome: "passed", exitCode: 0 });
    expect(await repository.changed(task.branch)).toEqual([`number-${index}.txt`]);
    expect(await repository.read(task.branch, `number-${index}.txt`)).toBe(`number ${index}`);
    expect(repository.pushes(task.branch)).toBe(1);
    expect(task.verdicts.pushed?.commit).toBe(await repository.head(task.branch));
    const messages = await readMessages(system.api, taskId);
    expect(messages.map(({ seq }) => seq)).toEqual(messages.map((_, position) => position + 1));
    const prompts = messages.flatMap(({ body }) => (body.kind === "prompt" ? [body.text] : []));
    expect(prompts).toEqual([task.prompt]);
    await expectReceipt(system, taskId, false);
    await expectRowChangesEqualTransitions(system, taskId);
    expect(system.belongings.ofTask(taskId)).toEqual([]);
  }
  for (const { taskId, conversation } of live) await expectWholeConversation(system, conversation, taskId);
  // A node that was asked for in the same moment and refused for want of room never had a server.
  const { nodes } = await system.api.nodes();
  expect(nodes.filter(({ serverId }) => serverId !== null)).toHaveLength(settings.maxNodes);
  expect(system.nodeDisks()).toHaveLength(settings.maxNodes);
  await system.until("no slot is taken", async () =>
    (await system.api.nodes()).nodes.every(({ claims }) => claims.length === 0),
  );

  expect((await system.down()).exitCode).toBe(0);
  await system.untilNothingRemains();
});
