/** An agent that asks, and a person who allows it, or does not. */
import type { TaskView } from "@sam/protocol/task-api";
import { expect } from "vitest";

import { ApiError } from "../../../apps/sam/src/client/api-error.ts";
import type { AgentBed, Errand } from "../support/agent-bed.ts";
import { answerersOf, optionOf, type Question, untilAsked, untilEnded, untilMustAsk } from "../support/watching.ts";
import { good, type Scenario } from "./scenario.ts";

const command = "echo ran >ran.txt";

export const granted: Scenario = {
  id: "granted",
  title: "is granted a permission",
  proves:
    "Under the policy `ask` the task awaits you for the edit and for the command. Each is answered once, a second answer " +
    "is refused, and both are on the branch.",
  end: () => good,
  async play(bed) {
    const errand = await bed.submit({
      name: "ask and be allowed",
      policy: "ask",
      script: [{ write: { path: "asked.txt", content: "yes\n" } }, { run: command }, { say: "Both are done." }],
    });
    const asked: Question[] = [];
    for (let before: string | null = null; ;) {
      const question: Question | null = await untilAsked(bed, errand, before);
      if (question === null) break;
      asked.push(question);
      before = question.requestId;
      await expectAnsweredOnce(bed, errand, question);
    }
    const { branch } = await untilEnded(bed, errand);
    const kinds = asked.map(({ toolKind }) => toolKind);
    expect(kinds).toEqual(["edit", "execute"]);
    expect(`${asked[0]?.title} ${asked[0]?.detail}`).toContain("asked.txt");
    expect(`${asked[1]?.title} ${asked[1]?.detail}`).toContain(command);
    expect(answerersOf(errand.followed.messages)).toEqual(asked.map(() => "user"));
    expect(await errand.repository.changed(branch)).toEqual(["asked.txt", "ran.txt"]);
    return { ...errand, seen: howItAsks(asked) };
  },
};

/** As a person sees it, without the place of this run's workspace. */
function howItAsks(asked: readonly Question[]): string {
  const nouns: Partial<Record<Question["toolKind"], string>> = { edit: "an edit", execute: "a command" };
  const titles = asked.map(
    ({ toolKind, title }) => `for ${nouns[toolKind] ?? toolKind} as “${title.replaceAll(/\S*\//g, "")}”`,
  );
  const kinds = new Set(asked.flatMap(({ options }) => options.map(({ kind }) => kind)));
  return `It asks ${titles.join(" and ")}, and offers ${[...kinds].toSorted().join(", ")}.`;
}

/** An answer counts, and a second one to the same question is refused. */
async function expectAnsweredOnce({ system }: AgentBed, { taskId }: Errand, question: Question): Promise<void> {
  expect((await system.api.task(taskId)).step).toBe("awaiting_input");
  const answer = { requestId: question.requestId, optionId: optionOf(question, "allow_once") };
  await system.api.answer(taskId, answer);
  const again = system.api.answer(taskId, { ...answer, optionId: optionOf(question, "reject_once") });
  const error: unknown = await again.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ code: "not_allowed_now" });
}

export const refused: Scenario = {
  id: "refused",
  title: "is refused a permission",
  proves:
    "The policy `allow_edits` answers for the edit, and you refuse the command. What was allowed is on the branch, what was " +
    "refused is not; where the agent ends its turn because of it, the verdict says so, and the task is not green.",
  end: ({ afterRefusal }) => (afterRefusal === "goes_on" ? good : { step: "completed", colour: "amber", reason: null }),
  async play(bed) {
    const { system, profile } = bed;
    const errand = await bed.submit({
      name: "ask and be refused",
      policy: "allow_edits",
      script: [
        { write: { path: "allowed.txt", content: "yes\n" } },
        { run: "echo no >refused.txt" },
        { say: "I went on without." },
      ],
    });
    const question = await untilMustAsk(bed, errand);
    expect(question.toolKind).toBe("execute");
    const { requestId } = question;
    await system.api.answer(errand.taskId, { requestId, optionId: optionOf(question, "reject_once") });
    const task = await untilEnded(bed, errand);
    expect(await errand.repository.changed(task.branch)).toEqual(["allowed.txt"]);
    expect(answerersOf(errand.followed.messages)).toEqual(["policy:allow_edits", "user"]);
    expectSaid(bed, task);
    return { ...errand, seen: profile.afterRefusal === "goes_on" ? "Refused a permission, it goes on without." : null };
  },
};

/** Where the agent ends its turn because of the refusal, the verdict says so. */
function expectSaid({ profile }: AgentBed, { verdicts }: TaskView): void {
  const goesOn = profile.afterRefusal === "goes_on";
  expect(verdicts.ended).toMatchObject({
    holds: goesOn,
    detail: expect.stringMatching(goesOn ? /ended its turn/ : /permission was refused/),
  });
}
