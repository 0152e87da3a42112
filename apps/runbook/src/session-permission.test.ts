import type { RequestPermissionRequest, RequestPermissionResponse } from "@agentclientprotocol/sdk";
import { describe, expect, it } from "vitest";

import { resultOf, RunbookClient, sh, temporaryFolder, until } from "./testing/runbook-client.ts";

const TWO_BLOCKS = `${sh("echo 1")}\n${sh("echo 2")}`;

/** A client that answers each question with the option of the next kind in `kinds`. */
async function asked(
  kinds: readonly string[],
): Promise<{ agent: RunbookClient; questions: RequestPermissionRequest[] }> {
  const questions: RequestPermissionRequest[] = [];
  const answer = (request: RequestPermissionRequest): RequestPermissionResponse => {
    const kind = kinds[questions.length];
    questions.push(request);
    const option = request.options.find((one) => one.kind === kind);
    return option === undefined
      ? { outcome: { outcome: "cancelled" } }
      : { outcome: { outcome: "selected", optionId: option.optionId } };
  };
  return { agent: await RunbookClient.start({ onPermission: answer }), questions };
}

describe("a session that asks", () => {
  it("stops at a block that is not allowed, and says so", async () => {
    const { agent } = await asked(["allow_once", "reject_once"]);
    const id = await agent.newSession(temporaryFolder(), { "sam.dev/permission": "ask" });
    const response = await agent.prompt(id, `${TWO_BLOCKS}\n${sh("echo 3")}`);
    expect(response.stopReason).toBe("end_turn");
    const failed = { index: 1, exitCode: null, signal: null, reason: "rejected" };
    expect(resultOf(response)).toEqual({ blocks: 3, completed: 1, failed });
    expect(agent.calls(id).map((call) => call.statuses)).toEqual([
      ["pending", "in_progress", "completed"],
      ["pending", "failed"],
    ]);
    expect(agent.messages(id).at(-1)).toMatch(
      /^Block 2 of 3 .* was not allowed to run\. 1 block after it was not run\./,
    );
  });

  it("runs nothing where the client cannot ask", async () => {
    const agent = await RunbookClient.start({
      onPermission: () => {
        throw new Error("No such method here.");
      },
    });
    const id = await agent.newSession(temporaryFolder(), { "sam.dev/permission": "ask" });
    expect(resultOf(await agent.prompt(id, TWO_BLOCKS))).toMatchObject({
      completed: 0,
      failed: { reason: "rejected" },
    });
  });

  it("is cancelled by a question that is cancelled", async () => {
    const { agent } = await asked([]);
    const id = await agent.newSession(temporaryFolder(), { "sam.dev/permission": "ask" });
    const response = await agent.prompt(id, TWO_BLOCKS);
    expect(response.stopReason).toBe("cancelled");
    expect(resultOf(response)).toEqual({ blocks: 2, completed: 0 });
  });

  it("can be cancelled while a question is open that nobody answers", async () => {
    let questions = 0;
    const agent = await RunbookClient.start({
      onPermission: () => {
        questions += 1;
        return new Promise(() => undefined);
      },
    });
    const id = await agent.newSession(temporaryFolder(), { "sam.dev/permission": "ask" });
    const turn = agent.prompt(id, TWO_BLOCKS);
    await until("the question", () => questions === 1);
    await agent.cancel(id);
    expect((await turn).stopReason).toBe("cancelled");
  });

  it("asks before each block, with the block itself and three options", async () => {
    const { agent, questions } = await asked(["allow_once", "allow_once"]);
    const id = await agent.newSession(temporaryFolder());
    await agent.request("session/set_mode", { sessionId: id, modeId: "ask" });
    expect(resultOf(await agent.prompt(id, TWO_BLOCKS))).toEqual({ blocks: 2, completed: 2 });
    expect(questions).toHaveLength(2);
    expect(questions[0]).toMatchObject({
      sessionId: id,
      toolCall: { toolCallId: "run-1-block-1-try-1", kind: "execute", rawInput: { command: "echo 1" } },
      options: [{ kind: "allow_once" }, { kind: "allow_always" }, { kind: "reject_once" }],
    });
  });

  it("asks no more once everything is allowed, says so, and remembers it when it is loaded again", async () => {
    const { agent, questions } = await asked(["allow_always"]);
    const cwd = temporaryFolder();
    const id = await agent.newSession(cwd, { "sam.dev/permission": "ask" });
    expect(resultOf(await agent.prompt(id, TWO_BLOCKS))).toEqual({ blocks: 2, completed: 2 });
    expect(questions).toHaveLength(1);
    expect(agent.updates).toContainEqual(
      expect.objectContaining({ update: { sessionUpdate: "current_mode_update", currentModeId: "run" } }),
    );
    await agent.end();
    const next = await RunbookClient.start({ state: agent.state });
    const loaded = await next.request("session/load", { sessionId: id, cwd, mcpServers: [] });
    expect(loaded).toMatchObject({ modes: { currentModeId: "run" } });
  });
});
