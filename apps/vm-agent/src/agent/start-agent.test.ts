import { existsSync, readFileSync } from "node:fs";

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

describe("a start that fails", () => {
  it("names an agent that this node does not have", async () => {
    world = await World.make(bundles);
    const taskId = world.newTask();
    world.createWorkspace(taskId);
    world.startAgent(taskId, "unheard-of");
    const failed = await world.control.event(taskId, "command_failed");
    expect(failed).toMatchObject({ command: "start_agent", reason: "agent_unknown", retryable: false });
    expect(failed.evidence).toContain("unheard-of");
    expect(world.control.hellos[0]?.agents).toContain("well");
    expect(world.control.hellos[0]?.agents).not.toContain("unheard-of");
  });

  it("tells of a program that isn't there, and does not offer it", async () => {
    world = await World.make(bundles, { env: { SAM_EXTRA_AGENTS: '{"gone":{"command":["/nonexistent/agent"]}}' } });
    const taskId = world.newTask();
    world.createWorkspace(taskId);
    world.startAgent(taskId, "gone");
    expect(await world.control.event(taskId, "command_failed")).toMatchObject({ reason: "agent_start_failed" });
    expect(world.control.hellos[0]?.agents).not.toContain("gone");
  });

  it("is agent_gone with code and last words where the process ends on the way", async () => {
    world = await World.make(bundles);
    const taskId = world.newTask();
    world.createWorkspace(taskId);
    world.startAgent(taskId, "exits");
    expect(await world.control.event(taskId, "agent_gone")).toMatchObject({
      incarnation: 1,
      exitCode: 3,
      signal: null,
    });
    expect(world.control.eventsOf(taskId, "command_failed")).toEqual([]);
  });

  it("has the agent's own words where it answers with an error, and ends it", async () => {
    world = await World.make(bundles);
    const taskId = world.newTask();
    world.createWorkspace(taskId);
    world.startAgent(taskId, "refuses");
    const failed = await world.control.event(taskId, "command_failed");
    expect(failed).toMatchObject({ command: "start_agent", reason: "agent_start_failed", retryable: true });
    expect(failed.evidence).toMatch(/no model is configured.*test agent, pid/s);
    expect(world.processes()).toEqual([]);
    expect(world.control.eventsOf(taskId, "agent_gone")).toEqual([]);
  });

  it("is agent_protocol_error where something else than the protocol is spoken", async () => {
    world = await World.make(bundles, { timings: { strayMs: 200 } });
    const taskId = world.newTask();
    world.createWorkspace(taskId);
    world.startAgent(taskId, "prints");
    const failed = await world.control.event(taskId, "command_failed");
    expect(failed).toMatchObject({ reason: "agent_protocol_error" });
    expect(failed.evidence).toContain("Welcome to some other program!");
    expect(world.processes()).toEqual([]);
  });

  it("is agent_session_timeout where there is no answer in time", async () => {
    world = await World.make(bundles, { timings: { sessionMs: 300 } });
    const taskId = world.newTask();
    world.createWorkspace(taskId);
    world.startAgent(taskId, "hangs");
    expect(await world.control.event(taskId, "command_failed")).toMatchObject({
      reason: "agent_session_timeout",
      retryable: true,
    });
    expect(world.processes()).toEqual([]);
  });

  it("of a task without a workspace starts nothing", async () => {
    world = await World.make(bundles);
    const taskId = world.newTask();
    world.startAgent(taskId);
    expect(await world.control.event(taskId, "command_failed")).toMatchObject({ reason: "agent_start_failed" });
  });
});

describe("a start", () => {
  it("forgives a banner, and says its phases", async () => {
    world = await World.make(bundles);
    const taskId = await world.readyTask("banner");
    expect(world.control.eventsOf(taskId, "agent_phase").map(({ phase }) => phase)).toEqual([
      "spawning",
      "initializing",
      "opening_session",
    ]);
  });

  it("gives the agent an environment of its own: no token, no address, a private home", async () => {
    world = await World.make(bundles, {
      env: {
        SECRET_OF_THE_NODE: "s3cret",
        SAM_SERVER_ID: "srv_1",
        RUSTUP_HOME: "/opt/rustup",
        XDG_CONFIG_HOME: "/x/config",
      },
    });
    const [one, two] = await Promise.all([world.readyTask(), world.readyTask()]);
    world.prompt(one, 1, { sh: "env; ls -A $HOME" });
    await world.control.event(one, "turn_ended");
    const text = JSON.stringify(world.control.eventsOf(one, "agent_update"));
    expect(text).toContain(`SAM_TASK_ID=${one}`);
    for (const handedDown of ["TEST_AGENT_LOG=", "SAM_SERVER_ID=srv_1", "RUSTUP_HOME=/opt/rustup"])
      expect(text).toContain(handedDown);
    for (const secret of ["s3cret", world.token, "SAM_USER_DATA", "SAM_CONTROL", "/x/config", two])
      expect(text).not.toContain(secret);
  });

  it("of a newer incarnation ends the older one first, with all of its processes; two never run at once", async () => {
    world = await World.make(bundles);
    const { control } = world;
    const taskId = await world.readyTask();
    world.prompt(
      taskId,
      1,
      { stubborn: true },
      { background: "trap '' TERM; env -i setsid sleep 300" },
      { say: "up" },
      { hang: "deaf" },
    );
    await control.event(taskId, "agent_update");
    const old = world.processes();
    expect(old.length).toBeGreaterThan(1);
    const { sessionId } = await control.event(taskId, "agent_ready");
    world.startAgent(taskId, "well", 2, sessionId);
    await control.event(taskId, "agent_phase", ({ incarnation }) => incarnation === 2);
    for (const pid of old) expect(isAlive(pid)).toBe(false);
    expect(await control.event(taskId, "agent_ready", ({ incarnation }) => incarnation === 2)).toMatchObject({
      loaded: true,
      sessionId,
    });
    expect(control.eventsOf(taskId, "agent_gone")).toEqual([]);
    expect(control.eventsOf(taskId, "turn_ended")).toEqual([]);
  });

  it("that is not newer than the newest known changes nothing", async () => {
    world = await World.make(bundles);
    const { control } = world;
    const taskId = await world.readyTask();
    world.startAgent(taskId, "well", 3);
    await control.event(taskId, "agent_ready", ({ incarnation }) => incarnation === 3);
    const before = world.processes();
    const late = world.startAgent(taskId, "well", 2);
    const same = world.startAgent(taskId, "well", 3);
    await waitFor(
      "their acknowledgement",
      () => control.commandAcks.includes(late) && control.commandAcks.includes(same),
    );
    world.prompt(taskId, 1, { say: "still the same" });
    await control.event(taskId, "turn_ended");
    expect(world.processes()).toEqual(before);
    expect(control.eventsOf(taskId, "agent_ready").map(({ incarnation }) => incarnation)).toEqual([1, 3]);
  });

  it("that loads a session does not tell its history again", async () => {
    world = await World.make(bundles);
    const { control } = world;
    const taskId = await world.readyTask();
    world.prompt(taskId, 1, { say: "once" });
    await control.event(taskId, "turn_ended");
    const { sessionId } = await control.event(taskId, "agent_ready");
    world.startAgent(taskId, "well", 2, sessionId);
    await control.event(taskId, "agent_ready", ({ incarnation }) => incarnation === 2);
    control.command(taskId, { type: "prompt", turn: 2, text: "continue", resume: true });
    await control.event(taskId, "turn_ended", ({ turn }) => turn === 2);
    expect(
      JSON.stringify(control.eventsOf(taskId, "agent_update").map(({ turn, update }) => [turn, update["content"]])),
    ).toBe('[[1,{"type":"text","text":"once"}],[2,{"type":"text","text":"resumed with continue"}]]');
    expect(control.eventsOf(taskId, "agent_phase").map(({ phase }) => phase)).toContain("loading_session");
  });

  it("opens a new session where the old one can't be loaded, and says so", async () => {
    world = await World.make(bundles);
    const { control } = world;
    const taskId = await world.readyTask();
    world.startAgent(taskId, "well", 2, "a-session-that-nobody-knows");
    expect(await control.event(taskId, "agent_ready", ({ incarnation }) => incarnation === 2)).toMatchObject({
      loaded: false,
      canLoadSession: true,
    });
    world.startAgent(taskId, "forgetful", 3, "any");
    expect(await control.event(taskId, "agent_ready", ({ incarnation }) => incarnation === 3)).toMatchObject({
      loaded: false,
      canLoadSession: false,
    });
  });
});

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
}
