/** A turn that is interrupted, and an agent that is then told something else. */
import { expect } from "vitest";

import { agentTexts } from "../../system/support/conversation.ts";
import type { AgentBed } from "../support/agent-bed.ts";
import { notesOf, untilEnded, untilSaid, untilStep } from "../support/watching.ts";
import { longStream } from "./cancels.ts";
import { good, type Scenario } from "./scenario.ts";

export const interrupted: Scenario = {
  id: "interrupted",
  title: "is interrupted, then told something else",
  end: () => good,
  async play(bed) {
    const { system } = bed;
    const errand = await bed.submit({ name: "interrupt", script: [longStream] });
    const { taskId, repository, followed } = errand;
    await untilSaid(bed, errand, "tick tick");
    const before = agentOf(bed, taskId);
    await system.api.interrupt(taskId);
    const waiting = await untilStep(bed, errand, "awaiting_input");
    expect(waiting).toMatchObject({ canSay: "next_turn", permission: null });
    expect(agentOf(bed, taskId), "it is the same process").toEqual(before);
    await bed.say(errand, [{ write: { path: "instead.txt", content: "instead\n" } }, { say: "This, then." }]);
    const { branch, verdicts } = await untilEnded(bed, errand);
    expect(await repository.changed(branch)).toEqual(["instead.txt"]);
    expect(verdicts.ended).toMatchObject({ holds: true, stopReason: "end_turn" });
    const { messages } = followed;
    expect(agentTexts(messages).join("")).toContain("This, then.");
    const sessions = notesOf(messages).filter((note) =>
      / (opened|loaded) session |started again|loaded again/.test(note),
    );
    expect(sessions, "one session, opened once").toEqual([expect.stringContaining("opened session")]);
    return { ...errand, seen: ["the same session goes on"] };
  },
};

/** @returns which process the agent is: the first of the task's. */
function agentOf({ system }: AgentBed, taskId: string) {
  const all = system.belongings.ofTask(taskId);
  const first = all.find(({ parentPid }) => !all.some(({ pid }) => pid === parentPid));
  expect(first).toBeDefined();
  return { pid: first?.pid, startTicks: first?.startTicks };
}
