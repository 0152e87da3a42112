/** An agent that is killed in mid-tool, with everything that it has started. */
import { expect } from "vitest";

import type { AgentBed, Errand } from "../support/agent-bed.ts";
import { notesOf, untilEnded, untilRuns } from "../support/watching.ts";
import { good, type Scenario } from "./scenario.ts";

const gate = "killed";
const asleep = ["sleep", "0.371"];

export const killed: Scenario = {
  id: "killed",
  title: "is killed in mid-tool",
  proves:
    "Every process of the task is killed with SIGKILL while a command runs. The agent is started again, the turn comes to " +
    "its end, the command was run once, and the branch was pushed once, with what was done before and after.",
  end: () => good,
  async play(bed) {
    const { stage } = bed.system;
    stage.shut(gate);
    // Were the command run a second time, it would come to its end, and the log would tell.
    const wait = `echo once >>tool.log; while [ -e '${stage.gatePath(gate)}' ]; do ${asleep.join(" ")}; done`;
    const errand = await bed.submit({
      name: "kill in tool",
      script: [
        { write: { path: "before.txt", content: "before\n" } },
        { run: wait },
        { write: { path: "after.txt", content: "after\n" } },
        { say: "It went on." },
      ],
    });
    await untilRuns(bed, errand, asleep);
    killAll(bed, errand.taskId);
    stage.open(gate);
    const { repository } = errand;
    const { branch } = await untilEnded(bed, errand);
    expect(await repository.changed(branch)).toEqual(["after.txt", "before.txt", "tool.log"]);
    expect(await repository.read(branch, "tool.log")).toBe("once");
    expect(repository.pushes(branch)).toBe(1);
    return { ...errand, seen: howItWentOn(errand) };
  },
};

/** Parents first, so that nobody is told of a child's end. */
function killAll({ system }: AgentBed, taskId: string): void {
  const processes = system.belongings.ofTask(taskId).toSorted((left, right) => left.pid - right.pid);
  expect(processes.length).toBeGreaterThan(1);
  for (const { pid } of processes) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It went with its parent.
    }
  }
}

function howItWentOn({ followed }: Errand): string {
  const notes = notesOf(followed.messages);
  expect(notes.filter((note) => note.startsWith("The agent is started again:")).length).toBe(1);
  const isLoaded = notes.some((note) => note.startsWith("The agent's session was loaded again"));
  const isTold = notes.some((note) => note.startsWith("The agent could not load its session again"));
  expect([isLoaded, isTold]).toContain(true);
  return isLoaded
    ? "Killed in mid-tool, it goes on in its session, loaded again."
    : "Killed in mid-tool, it is told the task again in a new session, and that is said.";
}
