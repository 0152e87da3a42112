import type { TaskId } from "@sam/domain/ids";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { buildBundles, type Bundles } from "../testing/bundles.ts";
import { noGrant } from "../testing/control-stand-in.ts";
import { installStandIn } from "../testing/installed-stand-in.ts";
import { json, ModelStandIn } from "../testing/model-stand-in.ts";
import { waitFor } from "../testing/wait-for.ts";
import { World } from "../testing/world.ts";

let bundles: Bundles;
let model: ModelStandIn;
let world: World;

beforeAll(async () => {
  bundles = await buildBundles();
});
afterAll(() => bundles.remove());
beforeEach(async () => {
  model = await ModelStandIn.start();
});
afterEach(async () => {
  await world.end();
  await model.stop();
});

const modelKey = { name: "OPENAI_API_KEY", value: "sk-the-real-key-of-the-model" };

async function makeWorld(timings = {}): Promise<void> {
  const env = await installStandIn(bundles.folder, "opencode", bundles.testAgent);
  world = await World.make(bundles, { env, timings });
  world.control.grant = { ...noGrant, model: "a-model", baseUrl: `${model.url}/v1`, modelKey };
}

async function readyTask(): Promise<TaskId> {
  const taskId = world.newTask();
  world.createWorkspace(taskId, { agentId: "opencode" });
  world.startAgent(taskId, "opencode");
  await world.control.event(taskId, "agent_ready");
  return taskId;
}

describe("a turn of an agent with a model", () => {
  it("asks the model through the gateway, with a key that the agent never had", async () => {
    await makeWorld();
    const taskId = await readyTask();
    world.prompt(taskId, 1, { sh: "env; cat /proc/self/environ" }, { callModel: 2 });
    expect(await world.control.event(taskId, "turn_ended")).toMatchObject({
      stopReason: "end_turn",
      model: { calls: 2, failedCalls: 0, lastFailure: null },
    });
    expect(model.asked.map(({ url, headers }) => [url, headers["authorization"]])).toEqual(
      [1, 2].map(() => ["/v1/chat/completions", `Bearer ${modelKey.value}`]),
    );
    const said = JSON.stringify(world.control.events(taskId));
    expect(said).toContain("OPENCODE_CONFIG_CONTENT");
    expect(said).toContain("[secret SAM_MODEL_GATEWAY]");
    expect(said).not.toContain("[secret OPENAI_API_KEY]");
    expect(said).not.toContain(modelKey.value);
  });

  it("says when the model begins to fail, how, and when it answers again, without the key in its words", async () => {
    await makeWorld();
    const taskId = await readyTask();
    model.answer = json(500, { error: { message: `broken for ${modelKey.value}` } });
    world.prompt(taskId, 1, { callModel: 3 });
    const ended = await world.control.event(taskId, "turn_ended");
    const failure = { kind: "unavailable", status: 500, detail: "broken for [secret OPENAI_API_KEY]" };
    expect(ended.model).toEqual({ calls: 3, failedCalls: 3, lastFailure: failure });
    expect(world.control.eventsOf(taskId, "model_failing")).toEqual([
      { type: "model_failing", turn: 1, failure, failures: 1 },
    ]);
    let asked = 0;
    model.answer = (response, request) => {
      asked += 1;
      const status = [429, 429, 401, 200][asked - 1] ?? 200;
      return json(status, { error: { message: String(status) } })(response, request);
    };
    world.prompt(taskId, 2, { callModel: 4 });
    const second = await world.control.event(taskId, "turn_ended", ({ turn }) => turn === 2);
    expect(second.model).toEqual({ calls: 4, failedCalls: 3, lastFailure: null });
    const told = world.control
      .events(taskId)
      .flatMap(({ event }) =>
        event.type === "model_failing"
          ? [`${event.turn} ${event.failure.kind} ${event.failures}`]
          : event.type === "model_answering"
            ? [`${event.turn} answers`]
            : [],
      );
    expect(told).toEqual(["1 unavailable 1", "2 rate_limited 1", "2 unauthorized 3", "2 answers"]);
  });

  it("says that a model gives no answer while the call still waits, and a cancel is no failure of the model", async () => {
    await makeWorld({ modelAnswerMs: 200 });
    const taskId = await readyTask();
    model.answer = () => undefined;
    world.prompt(taskId, 1, { callModel: 1 });
    const failing = await world.control.event(taskId, "model_failing");
    expect(failing.failure).toMatchObject({ kind: "no_answer", status: null });
    world.control.command(taskId, { type: "cancel_turn", turn: 1 });
    const ended = await world.control.event(taskId, "turn_ended");
    expect(ended).toMatchObject({ stopReason: "cancelled", reportedFailure: null, model: { calls: 1 } });
  });

  it("leaves no gateway behind when its agent ends", async () => {
    await makeWorld();
    const taskId = await readyTask();
    model.answer = () => undefined;
    world.prompt(taskId, 1, { callModel: 1 });
    await waitFor("the call", () => model.asked.length === 1);
    world.tearDown(taskId);
    await world.control.event(taskId, "torn_down");
    expect(world.control.eventsOf(taskId, "model_failing")).toEqual([]);
  });
});

describe("an agent that lacks something", () => {
  async function failureWith(grant: Partial<typeof noGrant>): Promise<string> {
    world.control.grant = { ...noGrant, ...grant };
    const taskId = world.newTask();
    world.createWorkspace(taskId, { agentId: "opencode" });
    world.startAgent(taskId, "opencode");
    const { reason, evidence } = await world.control.event(taskId, "command_failed");
    return `${reason}: ${evidence}`;
  }

  it("is not started, and what to set is named", async () => {
    await makeWorld();
    expect(await failureWith({})).toBe(
      "agent_not_configured: opencode lacks a model: `sam agent set opencode --model MODEL`; and the key of its model: `sam secrets set OPENAI_API_KEY`.",
    );
    expect(await failureWith({ model: "m" })).toContain("sam secrets set OPENAI_API_KEY");
    expect(await failureWith({ model: "m", baseUrl: "not a url" })).toContain("--base-url URL");
    expect(world.processes()).toEqual([]);
  });

  it("needs no key for a server of its owner's", async () => {
    await makeWorld();
    world.control.grant = { ...noGrant, model: "m", baseUrl: `${model.url}/v1` };
    const taskId = await readyTask();
    world.prompt(taskId, 1, { callModel: 1 });
    await world.control.event(taskId, "turn_ended");
    expect(model.asked[0]?.headers["authorization"]).toBeUndefined();
  });
});
