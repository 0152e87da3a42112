/** A turn that is interrupted, and an agent that is then told something else. */
import { expect } from "vitest";

import { agentTexts } from "../../system/support/conversation.ts";
import { isAlive, type ProcessEntry } from "../../system/support/process-table.ts";
import type { AgentBed } from "../support/agent-bed.ts";
import { notesOf, untilEnded, untilSaid, untilStep } from "../support/watching.ts";
import { longStream } from "./cancels.ts";
import { good, type Scenario } from "./scenario.ts";

export const interrupted: Scenario = {
  id: "interrupted",
  title: "is interrupted, then told something else",
  proves:
    "The turn is interrupted in mid-stream, the task awaits you, and the agent is told something else: the same process " +
    "does it in the same session.",
  end: () => good,
  async play(bed) {
    const { system } = bed;
    const errand = await bed.submit({ name: "interrupt", script: [longStream] });
    const { taskId, repository, followed } = errand;
    await untilSaid(bed, errand, "tick tick");
    const agent = agentOf(bed, taskId);
    await system.api.interrupt(taskId);
    const waiting = await untilStep(bed, errand, "awaiting_input");
    expect(waiting).toMatchObject({ canSay: "next_turn", permission: null });
    expect(isAlive(agent), "it is the same process").toBe(true);
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
    return { ...errand, seen: null };
  },
};

/** @returns the agent's process: of the task's, the one that has been there longest. */
function agentOf({ system }: AgentBed, taskId: string): ProcessEntry {
  const all = system.belongings.ofTask(taskId);
  const [first] = all.toSorted((left, right) => Number(left.startTicks) - Number(right.startTicks));
  if (first === undefined) throw new Error("the task has no process");
  return first;
}
