import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";

import type { TaskId } from "@sam/domain/ids";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { buildBundles, type Bundles } from "../testing/bundles.ts";
import { noGrant } from "../testing/control-stand-in.ts";
import { waitFor } from "../testing/wait-for.ts";
import { World } from "../testing/world.ts";

let bundles: Bundles;
let world: World;

beforeAll(async () => {
  bundles = await buildBundles();
});
afterAll(() => bundles.remove());
afterEach(() => world.end());

const secret = "a-secret+of/the owner";
const granted = { ...noGrant, environment: { OWNERS_SECRET: secret } };

function said(taskId: TaskId): string {
  const texts = world.control.eventsOf(taskId, "agent_update").map(({ update }) => update["content"]);
  return texts.map((content) => (content as { text?: string } | undefined)?.text ?? "").join("");
}

function everythingSaid(taskId: TaskId): string {
  return JSON.stringify(world.control.events(taskId));
}

/** @returns the files of the node's disk that hold the text. */
function filesWith(text: string): string {
  return execFileSync("/bin/sh", ["-c", 'grep -rlF -- "$0" "$1" || true', text, world.disk], { encoding: "utf8" });
}

describe("a grant", () => {
  it("is asked for at each start and right before a push, and its secrets are in the agent's environment alone", async () => {
    world = await World.make(bundles);
    const { control } = world;
    control.grant = granted;
    const taskId = await world.readyTask();
    expect(control.grantsWanted).toMatchObject([{ taskId, agentId: "well" }]);
    const hash = createHash("sha256").update(secret).digest("hex");
    world.prompt(taskId, 1, { sh: 'printf %s "$OWNERS_SECRET" | sha256sum' }, { write: "new.txt" });
    await control.event(taskId, "turn_ended");
    expect(said(taskId)).toContain(hash);
    world.deliver(taskId, 'echo "check: <$OWNERS_SECRET>"');
    const { verdicts } = await control.event(taskId, "delivered");
    expect(verdicts.checked?.outputTail).toBe("check: <>\n");
    expect(control.grantsWanted).toHaveLength(2);
    world.startAgent(taskId, "well", 2);
    await control.event(taskId, "agent_ready", ({ incarnation }) => incarnation === 2);
    expect(control.grantsWanted).toHaveLength(3);
    expect(filesWith(secret)).toBe("");
    expect(JSON.stringify(world.vmAgent.log)).not.toContain(secret);
  });

  it("gives secrets that nothing of the agent's output shows, in whichever way it comes out", async () => {
    world = await World.make(bundles);
    const { control } = world;
    control.grant = granted;
    const taskId = await world.readyTask();
    world.prompt(
      taskId,
      1,
      { sh: 'echo "$OWNERS_SECRET"; printf %s "$OWNERS_SECRET" | base64' },
      { chunks: [`it is ${secret.slice(0, 9)}`, secret.slice(9, 12), `${secret.slice(12)}, they say`] },
      { sayLength: 400_000, ending: secret },
      { ask: `May I send ${secret}?` },
    );
    const asked = await control.event(taskId, "permission_requested");
    expect(asked.title).toBe("May I send [secret OWNERS_SECRET]?");
    control.command(taskId, { type: "answer", requestId: asked.requestId, optionId: "yes" });
    await control.event(taskId, "turn_ended");
    world.prompt(taskId, 2, { fail: `the key ${secret} was refused` });
    const failed = await control.event(taskId, "turn_ended", ({ turn }) => turn === 2);
    expect(failed.reportedFailure).toContain("the key [secret OWNERS_SECRET] was refused");
    world.prompt(taskId, 3, { complain: `${"x".repeat(50_000)}${secret}\n` }, { exit: 3 });
    const gone = await control.event(taskId, "agent_gone");
    expect(gone.outputTail).toContain("[secret OWNERS_SECRET]");
    expect(said(taskId)).toContain("it is [secret OWNERS_SECRET], they say");
    for (const part of [secret, secret.slice(3), Buffer.from(secret).toString("base64")])
      expect(everythingSaid(taskId)).not.toContain(part);
  });

  it("that is refused is a start that failed, in the control plane's words", async () => {
    world = await World.make(bundles);
    world.control.grant = "no secret of this owner can be opened";
    const taskId = world.newTask();
    world.createWorkspace(taskId);
    world.startAgent(taskId);
    expect(await world.control.event(taskId, "command_failed")).toMatchObject({
      ...{ command: "start_agent", reason: "agent_start_failed", retryable: false },
      evidence: "no secret of this owner can be opened",
    });
  });

  it("that does not come in time is a start that failed, and may be tried again", async () => {
    world = await World.make(bundles, { timings: { grantMs: 200 } });
    world.control.grant = null;
    const taskId = world.newTask();
    world.createWorkspace(taskId);
    world.startAgent(taskId);
    expect(await world.control.event(taskId, "command_failed")).toMatchObject({
      ...{ reason: "agent_start_failed", retryable: true },
      evidence: expect.stringContaining("settings and keys"),
    });
    expect(world.processes()).toEqual([]);
  });

  it("is asked for again on a new connection; an answer to nobody's question is dropped", async () => {
    world = await World.make(bundles);
    const { control } = world;
    control.grant = null;
    const taskId = world.newTask();
    world.createWorkspace(taskId);
    world.startAgent(taskId);
    const first = await waitFor("the first question", () => control.grantsWanted[0]);
    control.send({ type: "grant", requestId: "nobody-asked", grant: granted });
    control.send({ type: "grant_refused", requestId: "nobody-asked", detail: "no" });
    control.grant = granted;
    control.cut();
    await control.event(taskId, "agent_ready");
    expect(control.grantsWanted).toEqual([first, first]);
  });
});
