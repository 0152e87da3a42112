import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { TaskId } from "@sam/domain/ids";
import type { NodeTaskEvent } from "@sam/domain/node-task";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { buildBundles, type Bundles } from "../testing/bundles.ts";
import { gitIn } from "../testing/repositories.ts";
import { waitFor } from "../testing/wait-for.ts";
import { World } from "../testing/world.ts";

let bundles: Bundles;
let world: World;

beforeAll(async () => {
  bundles = await buildBundles();
});
afterAll(() => bundles.remove());
afterEach(() => world.end());

/** Does what the control plane does: each event calls for the next command; an agent that is gone is started again. */
function drive(taskId: TaskId, onEvent: (event: NodeTaskEvent) => void): void {
  const { control } = world;
  let incarnation = 1;
  let turn = 0;
  let sessionId: string | null = null;
  control.onEvent = ({ taskId: of, event }) => {
    if (of !== taskId) return;
    onEvent(event);
    if (event.type === "workspace_ready") world.startAgent(taskId, "well", incarnation);
    else if (event.type === "agent_ready") {
      ({ sessionId } = event);
      turn += 1;
      if (turn === 1)
        world.prompt(taskId, turn, { write: "new.txt" }, { say: "written" }, { ask: "May I?" }, { sh: "sleep 0.1" });
      else control.command(taskId, { type: "prompt", turn, text: "continue", resume: true });
    } else if (event.type === "agent_gone" && event.incarnation === incarnation) {
      incarnation += 1;
      world.startAgent(taskId, "well", incarnation, sessionId);
    } else if (event.type === "permission_requested") {
      control.command(taskId, { type: "answer", requestId: event.requestId, optionId: "yes" });
    } else if (event.type === "turn_ended" && event.turn === turn) world.deliver(taskId, "sleep 0.1; test -f new.txt");
    else if (event.type === "delivered") world.tearDown(taskId);
  };
}

const moments: [string, (event: NodeTaskEvent) => boolean][] = [
  ["taking the workspace", (event) => event.type === "workspace_accepted"],
  ["fetching", (event) => event.type === "workspace_progress" && event.phase === "mirror"],
  ["checking out", (event) => event.type === "workspace_progress" && event.phase === "checkout"],
  ["handing the workspace out", (event) => event.type === "workspace_ready"],
  ["spawning the agent", (event) => event.type === "agent_phase" && event.phase === "spawning"],
  ["the agent's handshake", (event) => event.type === "agent_phase" && event.phase === "initializing"],
  ["opening the session", (event) => event.type === "agent_phase" && event.phase === "opening_session"],
  ["the agent being ready", (event) => event.type === "agent_ready"],
  ["a turn", (event) => event.type === "agent_update"],
  ["a question", (event) => event.type === "permission_requested"],
  ["an answer", (event) => event.type === "permission_settled"],
  ["the end of a turn", (event) => event.type === "turn_ended"],
  ["ending the agent", (event) => event.type === "delivery_phase" && event.phase === "ending_agent"],
  ["committing", (event) => event.type === "delivery_phase" && event.phase === "committing"],
  ["checking", (event) => event.type === "delivery_phase" && event.phase === "checking"],
  ["pushing", (event) => event.type === "delivery_phase" && event.phase === "pushing"],
  ["proving", (event) => event.type === "delivery_phase" && event.phase === "proving"],
  ["the delivery being told", (event) => event.type === "delivered"],
  ["the first line of the receipt", (event) => event.type === "receipt" && event.line === "signal_sent"],
  ["the second", (event) => event.type === "receipt" && event.line === "processes_gone"],
  ["the third", (event) => event.type === "receipt" && event.line === "workspace_saved"],
  ["the last", (event) => event.type === "receipt" && event.line === "workspace_removed"],
];

describe("a power cut", () => {
  it.each(moments)(
    "in %s: the task goes on to its right end, no agent twice at once, each event once",
    async (_, isMoment) => {
      world = await World.make(bundles);
      const { control } = world;
      const taskId = world.newTask();
      let cuts = 0;
      drive(taskId, (event) => {
        if (cuts > 0 || !isMoment(event)) return;
        cuts += 1;
        void world.vmAgent.kill().then(() => world.vmAgent.start());
      });
      world.createWorkspace(taskId);
      await control.event(taskId, "torn_down", () => true, 20_000);
      expect(cuts).toBe(1);
      expect(world.agentLog(taskId).filter((line) => line.startsWith("beside"))).toEqual([]);
      expect(gitIn(world.repository, "show", `${world.branchOf(taskId)}:new.txt`)).toBe("new.txt");
      expect(gitIn(world.repository, "rev-list", "--count", `main..${world.branchOf(taskId)}`)).toBe("1");
      const gone = control.eventsOf(taskId, "agent_gone");
      expect(gone.length).toBeLessThanOrEqual(1);
      for (const event of gone) expect(event).toMatchObject({ incarnation: 1, exitCode: null, signal: "power_cut" });
      for (const type of ["workspace_accepted", "workspace_ready", "delivered", "torn_down"] as const) {
        expect(control.eventsOf(taskId, type)).toHaveLength(1);
      }
      expect(control.eventsOf(taskId, "receipt")).toHaveLength(4);
      expect(world.agentLog(taskId).filter((line) => line.startsWith("prompt told"))).toHaveLength(1);
      expect(existsSync(world.workspace(taskId))).toBe(false);
    },
  );

  it("while git fetches: the fetch that runs on is ended before the mirror is touched again", async () => {
    // The remote's own side takes its time to pack, as long as this file stands.
    const GIT_CONFIG_GLOBAL = join(import.meta.dirname, "../testing/slow-pack.gitconfig");
    world = await World.make(bundles, { env: { GIT_CONFIG_GLOBAL } });
    const slow = join(world.repository, "slow");
    writeFileSync(slow, "");
    const taskId = world.newTask();
    world.createWorkspace(taskId);
    await waitFor("the fetch", () => hasMirror() && world.processes().length > 2);
    await world.vmAgent.kill();
    expect(world.processes().length).toBeGreaterThan(0);
    world.vmAgent.start();
    await world.vmAgent.fact("leftover_processes_ended");
    rmSync(slow);
    await world.control.event(taskId, "workspace_ready");
  });

  it("leaves no lock of git's behind that would stop the next command", async () => {
    world = await World.make(bundles);
    const taskId = await world.readyTask();
    const gitDir = join(world.workspace(taskId), ".git");
    await world.vmAgent.kill();
    for (const lock of [
      join(gitDir, "index.lock"),
      join(gitDir, "refs/heads/stale.lock"),
      join(world.mirror(), "packed-refs.lock"),
    ]) {
      writeFileSync(lock, "");
    }
    writeFileSync(join(world.mirror(), "objects/pack/tmp_pack_abc"), "half");
    world.vmAgent.start();
    await world.control.event(taskId, "agent_gone");
    expect(existsSync(join(gitDir, "index.lock"))).toBe(false);
    expect(existsSync(join(gitDir, "refs/heads/stale.lock"))).toBe(false);
    expect(existsSync(join(world.mirror(), "packed-refs.lock"))).toBe(false);
    expect(existsSync(join(world.mirror(), "objects/pack/tmp_pack_abc"))).toBe(false);
  });

  it("with a deaf agent in mid-turn: its leftovers are ended before anything else, and it is told once, over several cuts", async () => {
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
    control.acknowledgesEvents = false;
    await world.vmAgent.kill();
    expect(world.processes().length).toBeGreaterThan(1);
    for (let cut = 0; cut < 3; cut += 1) {
      const { length } = control.hellos;
      world.vmAgent.start();
      await waitFor("a connection", () => control.hellos.length > length && control.isConnected);
      expect(world.processes()).toEqual([]);
      await world.vmAgent.kill();
    }
    control.acknowledgesEvents = true;
    world.vmAgent.start();
    await control.event(taskId, "agent_gone");
    expect(control.eventsOf(taskId, "agent_gone")).toHaveLength(1);
    expect(world.agentLog(taskId).filter((line) => line.startsWith("prompt"))).toHaveLength(1);
  });
});

function hasMirror(): boolean {
  const mirrors = join(world.disk, "mirrors");
  return existsSync(mirrors) && readdirSync(mirrors).some((name) => name.endsWith(".git"));
}
