/** What version 1 stored is read by this one: a task that was under way goes on, and its conversation is shown. */
import { describe, expect, it } from "vitest";

import { tamper } from "./support/scene.ts";
import { connectedIn } from "./support/steps.ts";
import { delivered, turnEnded } from "./support/vm-agent-script.ts";
import { expectContiguous } from "./support/world.ts";

const newFacts = [
  "workedOn",
  "waitingTexts",
  "saidKeys",
  "interrupted",
  "modelTrouble",
  "usage",
  "diffMark",
  "savedRef",
  "savedWork",
  "bringsBack",
  "broughtBack",
  "continuedBy",
  "permission.detail",
  "permission.toolKind",
  "permission.askedAt",
];
const without = (column: string, names: readonly string[]) =>
  `json_remove(${column}, ${names.map((name) => `'$.${name}'`).join(", ")})`;

describe("a task that version 1 stored", () => {
  it("is shown, is answered, goes on to its end, and can be continued", async () => {
    const { scene, taskId, agent } = await connectedIn("awaiting_input");
    await tamper(taskId, `UPDATE facts SET facts = ${without("facts", newFacts)}`);
    await tamper(taskId, `UPDATE facts SET request = ${without("request", ["permissionPolicy", "continues"])}`);
    await tamper(taskId, `UPDATE messages SET body = ${without("body", ["toolKind", "detail", "usage", "model"])}`);
    await agent.connect();
    expect(await scene.client.task(taskId)).toMatchObject({
      step: "awaiting_input",
      permissionPolicy: "ask",
      permission: { requestId: "permission-1", toolKind: "other", detail: null },
      waitingTexts: [],
      canSay: "waits_for_the_turn",
    });
    expectContiguous(await scene.client.messages(taskId));
    const answer = { requestId: "permission-1", optionId: "yes" };
    expect((await scene.client.post(`/api/tasks/${taskId}/answers`, answer)).status).toBe(202);
    await agent.say(taskId, turnEnded());
    await agent.command(taskId, "deliver");
    await agent.say(taskId, delivered());
    expect((await scene.inStep(taskId, "completed")).canSay).toBe("continues");
    const continued = await scene.client.post(`/api/tasks/${taskId}/messages`, { prompt: "Now the docs" });
    expect(continued.status).toBe(202);
  });
});
