/** A finished task that is continued: on the same branch, by the same agent, which knows what came before. */
import { expect } from "vitest";

import { git } from "../../system/support/repository.ts";
import type { Errand } from "../support/agent-bed.ts";
import { notesOf, untilEnded } from "../support/watching.ts";
import { good, type Scenario } from "./scenario.ts";

export const continued: Scenario = {
  id: "continued",
  title: "goes on with a finished task",
  proves:
    "Something more is said to a completed task: another one goes on, on the same branch, which then has two commits and " +
    "was pushed twice.",
  end: () => good,
  async play(bed) {
    const begun = await bed.submit({
      name: "first of two",
      script: [{ write: { path: "first.txt", content: "1\n" } }, { say: "The first is done." }],
    });
    const { repository, taskId: firstId } = begun;
    const first = await untilEnded(bed, begun);
    expect(first).toMatchObject({ step: "completed", canSay: "continues" });
    const errand = await bed.say(begun, [
      { write: { path: "second.txt", content: "2\n" } },
      { say: "The second, too." },
    ]);
    const second = await untilEnded(bed, errand);
    expect(second).toMatchObject({ continues: firstId, branch: first.branch });
    expect(await repository.changed(first.branch)).toEqual(["first.txt", "second.txt"]);
    expect(await git(repository.path, "rev-list", "--count", `main..${first.branch}`)).toBe("2");
    expect(repository.pushes(first.branch)).toBe(2);
    expect(await repository.branches()).toEqual([first.branch]);
    return { ...errand, seen: howItWentOn(errand) };
  },
};

/** With its session, or with a summary: one of the two, and it is said. */
function howItWentOn({ followed }: Errand): string {
  const notes = notesOf(followed.messages);
  const isLoaded = notes.some((note) => / loaded session /.test(note));
  const isTold = notes.some((note) => note.includes("It is told a summary of what came before."));
  expect([isLoaded, isTold]).toContain(true);
  expect(isLoaded && isTold).toBe(false);
  return isLoaded
    ? "A finished task goes on in its session, loaded again."
    : "A finished task goes on in a new session with a summary, and that is said.";
}
