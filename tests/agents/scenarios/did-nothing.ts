/** An agent that says "done" and did nothing. It is the first of its file, so SAM installs the agent for it. */
import { existsSync } from "node:fs";
import { join } from "node:path";

import { agentCatalog } from "@sam/domain/agent-catalog";
import { expect } from "vitest";

import { agentTexts } from "../../system/support/conversation.ts";
import { agentCache } from "../support/agent-bed.ts";
import { untilEnded } from "../support/watching.ts";
import type { Scenario } from "./scenario.ts";

const installMs = 280_000;

export const didNothing: Scenario = {
  id: "did_nothing",
  title: "says that all is done, and did nothing",
  proves:
    "SAM installs the agent for this task. The model says “All is done.” and nothing else; the verdict says that nothing " +
    "was produced, and the remote has no new branch.",
  end: () => ({ step: "completed", colour: "amber", reason: null }),
  async play(bed) {
    const { system, agentId } = bed;
    const errand = await bed.submit({ name: "says done", script: [{ say: "All is done." }] });
    const { taskId, repository, followed } = errand;
    const isInstalled = () => followed.task?.final === true || followed.task?.step === "agent_session";
    await system.until("the agent is installed", isInstalled, { taskId, timeoutMs: installMs });
    const task = await untilEnded(bed, errand);
    expect(existsSync(join(agentCache, `${agentId}@${agentCatalog[agentId].version}`))).toBe(true);
    expect(agentTexts(followed.messages).join("")).toContain("All is done.");
    expect(task.verdicts).toMatchObject({ ended: { holds: true }, produced: { holds: false, files: 0 } });
    expect(await repository.branches()).toEqual([]);
    return { ...errand, seen: null };
  },
};
