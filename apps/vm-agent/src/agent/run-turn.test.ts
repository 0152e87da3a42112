import { mkdirSync, symlinkSync, writeFileSync, readFileSync, existsSync } from "node:fs";
import { join } from "node:path";

import type { TaskId } from "@sam/domain/ids";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { buildBundles, type Bundles } from "../testing/bundles.ts";
import { waitFor } from "../testing/wait-for.ts";
import { World } from "../testing/world.ts";

let bundles: Bundles;
let world: World;

beforeAll(async () => {
  bundles = await buildBundles();
});
afterAll(() => bundles.remove());
afterEach(() => world.end());

function said(taskId: TaskId): string[] {
  return world.control
    .eventsOf(taskId, "agent_update")
    .flatMap(({ update }) =>
      update["sessionUpdate"] === "agent_message_chunk" ? [JSON.stringify(update["content"])] : [],
    );
}

describe("a turn that does not end well", () => {
  it("is agent_gone with the exit code where the process ends in the middle, after everything that it said", async () => {
    world = await World.make(bundles);
    const taskId = await world.readyTask();
    world.prompt(taskId, 1, { say: "last words" }, { background: "exec sleep 300" }, { exit: 7 });
    const gone = await world.control.event(taskId, "agent_gone");
    expect(gone).toMatchObject({ incarnation: 1, exitCode: 7, signal: null });
    expect(gone.outputTail).toContain("test agent, pid");
    expect(said(taskId)).toEqual(['{"type":"text","text":"last words"}']);
    expect(world.control.eventsOf(taskId, "turn_ended")).toEqual([]);
    expect(world.processes()).toEqual([]);
  });

  it("is told as an error of the agent where it answers with one", async () => {
    world = await World.make(bundles);
    const taskId = await world.readyTask();
    world.prompt(taskId, 1, { fail: "the model is overloaded" });
    const ended = await world.control.event(taskId, "turn_ended");
    expect(ended.stopReason).toBe("error");
    expect(ended.reportedFailure).toContain("the model is overloaded");
  });

  it("carries what a runbook reports as failed, by structure", async () => {
    world = await World.make(bundles);
    const { control } = world;
    const taskId = await world.readyTask();
    const failed = (index: number, exitCode: number | null, signal: string | null) => ({
      index,
      exitCode,
      signal,
      reason: "exit_code",
    });
    world.prompt(taskId, 1, { report: { blocks: 3, completed: 1, failed: failed(1, 1, null) } });
    world.prompt(taskId, 2, { report: { blocks: 0, completed: 0 } });
    world.prompt(taskId, 3, { report: { blocks: 1, completed: 0, failed: failed(0, null, "SIGKILL") } });
    world.prompt(taskId, 4, { report: { blocks: 2, completed: 2 } });
    await control.event(taskId, "turn_ended", ({ turn }) => turn === 4);
    expect(control.eventsOf(taskId, "turn_ended").map(({ reportedFailure }) => reportedFailure)).toEqual([
      "block 2 of 3 exited with 1",
      "the prompt has no sh block",
      "block 1 of 1 was ended by SIGKILL",
      null,
    ]);
  });

  it("is ended where the agent floods its output with something else", async () => {
    world = await World.make(bundles);
    const taskId = await world.readyTask();
    world.prompt(taskId, 1, ...Array.from({ length: 40 }, (_, index) => ({ raw: `garbage ${index}` })), {
      hang: "deaf",
    });
    const gone = await world.control.event(taskId, "agent_gone");
    expect(gone.outputTail).toMatch(/agent_protocol_error.*garbage 0/s);
    expect(world.processes()).toEqual([]);
  });

  it("that was never begun is told in full by the next agent, though a resume is asked for", async () => {
    world = await World.make(bundles);
    const { control } = world;
    const taskId = await world.readyTask();
    const alive = world.processes();
    control.acknowledgesEvents = false;
    for (const pid of alive) process.kill(pid, "SIGKILL");
    await control.event(taskId, "agent_gone");
    world.prompt(taskId, 1, { say: "the original words" });
    await waitFor("its acknowledgement", () => control.commandAcks.length === 3);
    control.acknowledgesEvents = true;
    world.startAgent(taskId, "well", 2, control.eventsOf(taskId, "agent_ready")[0]?.sessionId ?? null);
    control.command(taskId, { type: "prompt", turn: 2, text: "continue", resume: true });
    await control.event(taskId, "turn_ended");
    expect(said(taskId)).toEqual(['{"type":"text","text":"the original words"}']);
    expect(control.eventsOf(taskId, "command_failed")).toEqual([]);
  });
});

describe("cancel_turn", () => {
  it("ends a turn that listens with the stop reason cancelled, and the agent lives on", async () => {
    world = await World.make(bundles);
    const taskId = await world.readyTask();
    world.prompt(taskId, 1, { say: "up" }, { hang: "listening" });
    await world.control.event(taskId, "agent_update");
    world.control.command(taskId, { type: "cancel_turn", turn: 1 });
    expect(await world.control.event(taskId, "turn_ended")).toMatchObject({ turn: 1, stopReason: "cancelled" });
    world.prompt(taskId, 2, { say: "still here" });
    await world.control.event(taskId, "turn_ended", ({ turn }) => turn === 2);
  });

  it("ends the processes of an agent that is deaf, which is agent_gone", async () => {
    world = await World.make(bundles, { timings: { cancelMs: 300 } });
    const taskId = await world.readyTask();
    world.prompt(
      taskId,
      1,
      { stubborn: true },
      { background: "trap '' TERM; sleep 300" },
      { say: "up" },
      { hang: "deaf" },
    );
    await world.control.event(taskId, "agent_update");
    world.control.command(taskId, { type: "cancel_turn", turn: 1 });
    expect(await world.control.event(taskId, "agent_gone")).toMatchObject({ incarnation: 1, signal: "SIGKILL" });
    expect(world.processes()).toEqual([]);
    expect(world.control.eventsOf(taskId, "turn_ended")).toEqual([]);
  });

  it("of another turn changes nothing, and of one that waits ends it before it begins", async () => {
    world = await World.make(bundles);
    const { control } = world;
    const taskId = await world.readyTask();
    world.prompt(taskId, 1, { say: "one" }, { hang: "listening" });
    await control.event(taskId, "agent_update");
    control.command(taskId, { type: "cancel_turn", turn: 9 });
    world.prompt(taskId, 2, { say: "two" });
    control.command(taskId, { type: "cancel_turn", turn: 2 });
    expect(await control.event(taskId, "turn_ended")).toMatchObject({ turn: 2, stopReason: "cancelled" });
    control.command(taskId, { type: "cancel_turn", turn: 1 });
    await control.event(taskId, "turn_ended", ({ turn }) => turn === 1);
    expect(said(taskId)).toEqual(['{"type":"text","text":"one"}']);
  });
});

describe("a permission", () => {
  it("is asked for with its options, answered once, and settled", async () => {
    world = await World.make(bundles);
    const { control } = world;
    const taskId = await world.readyTask();
    world.prompt(taskId, 1, { ask: "May I?" });
    const asked = await control.event(taskId, "permission_requested");
    expect(asked).toMatchObject({
      title: "May I?",
      options: [
        { optionId: "yes", kind: "allow_once" },
        { optionId: "no", kind: "reject_once" },
      ],
    });
    control.command(taskId, { type: "answer", requestId: asked.requestId, optionId: "yes" });
    control.command(taskId, { type: "answer", requestId: asked.requestId, optionId: "no" });
    await control.event(taskId, "turn_ended");
    expect(said(taskId)[0]).toContain("selected");
    expect(control.eventsOf(taskId, "permission_settled")).toEqual([
      { type: "permission_settled", requestId: asked.requestId, optionId: "yes" },
    ]);
  });

  it("is not given by an option that was not offered, nor by a cancel", async () => {
    world = await World.make(bundles);
    const { control } = world;
    const taskId = await world.readyTask();
    world.prompt(taskId, 1, { ask: "May I?" });
    const first = await control.event(taskId, "permission_requested");
    control.command(taskId, { type: "answer", requestId: first.requestId, optionId: "anything" });
    expect(await control.event(taskId, "permission_settled")).toMatchObject({ optionId: null });
    await control.event(taskId, "turn_ended");
    world.prompt(taskId, 2, { ask: "And now?" });
    const second = await control.event(taskId, "permission_requested", ({ title }) => title === "And now?");
    control.command(taskId, { type: "cancel_turn", turn: 2 });
    expect(await control.event(taskId, "turn_ended", ({ turn }) => turn === 2)).toMatchObject({
      stopReason: "cancelled",
    });
    expect(
      await control.event(taskId, "permission_settled", ({ requestId }) => requestId === second.requestId),
    ).toMatchObject({ optionId: null });
  });
});

describe("files through the client", () => {
  it("are those of the workspace alone, wherever links lead", async () => {
    world = await World.make(bundles);
    const taskId = await world.readyTask();
    const workspace = world.workspace(taskId);
    const outside = join(world.folder, "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "secret.txt"), "secret");
    symlinkSync(outside, join(workspace, "way-out"));
    symlinkSync(join(outside, "not-yet.txt"), join(workspace, "dangling"));
    world.prompt(
      taskId,
      1,
      { readThroughClient: join(workspace, "README.md") },
      { writeThroughClient: join(workspace, "deep/er/new.txt") },
      ...[
        join(outside, "secret.txt"),
        join(workspace, "way-out/secret.txt"),
        join(workspace, "../../state/vm-agent.sqlite"),
        "README.md",
      ].map((path) => ({ readThroughClient: path })),
      ...[join(outside, "new.txt"), join(workspace, "way-out/new.txt"), join(workspace, "dangling")].map((path) => ({
        writeThroughClient: path,
      })),
    );
    await world.control.event(taskId, "turn_ended");
    const [read, wrote, ...refused] = said(taskId);
    expect(read).toContain("read # A repository");
    expect(wrote).toContain("wrote");
    expect(readFileSync(join(workspace, "deep/er/new.txt"), "utf8")).toBe("written through the client\n");
    expect(refused).toHaveLength(7);
    for (const answer of refused) expect(answer).toContain("refused");
    expect(existsSync(join(outside, "new.txt"))).toBe(false);
    expect(existsSync(join(outside, "not-yet.txt"))).toBe(false);
  });
});
