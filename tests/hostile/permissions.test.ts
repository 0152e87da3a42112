/** Hostile questions: what a person reads before they answer is what is asked, and their answer is the one they pressed. */
import type { Locator } from "playwright-core";
import { describe, expect, it } from "vitest";

import { shareBrowser } from "../browser/support/chromium.ts";
import { readMessages } from "../system/support/conversation.ts";
import { sam } from "../system/support/sam-command.ts";
import { type PermissionCase, permissionCases } from "./cases/permissions.ts";
import { hostile as agentId, shareHostileSystem, writePlay } from "./support/hostile-system.ts";
import { expectPlainTerminal, watchInTerminal } from "./support/terminal-output.ts";
import { watchPage } from "./support/watched-page.ts";

const hostile = shareHostileSystem();
const browser = shareBrowser();

/** Reads the question, sees that it says all, and presses the answer. */
async function answer(question: Locator, { id, shows, answers, presses }: PermissionCase): Promise<void> {
  for (const text of shows) await expect.poll(() => wordsOf(question), { message: id }).toContain(text);
  const buttons = question.getByRole("group", { name: "Answers" }).getByRole("button");
  const names = (await buttons.allInnerTexts()).map((name) => name.replaceAll(/\s+/g, " "));
  expect({ id, names }).toEqual({ id, names: answers });
  await buttons.nth(answers.indexOf(presses)).click();
}

async function wordsOf(question: Locator): Promise<string> {
  return question.innerText();
}

describe("questions of a hostile agent", () => {
  it("are shown whole, called by what they do, and answered as pressed; nothing of them runs", async (test) => {
    const { system, repository, origin } = hostile();
    writePlay(system, {
      name: "questions",
      acts: permissionCases.map(({ id, params }) => ({ do: "ask", name: id, params })),
    });
    const { taskId } = await system.submit({ prompt: "play questions", repository: { url: repository.path }, agentId });
    const watched = await watchPage(test, browser(), hostile());
    await watched.page.goto(`${origin}/tasks/${taskId}`);
    for (const each of permissionCases) {
      const question = watched.page
        .getByRole("region", { name: "The agent asks for permission" })
        .filter({ hasText: each.shows[0] ?? each.id });
      await question.waitFor();
      if (each.id === "hidden-command") {
        const asked = await sam(test, ["answer", taskId], { dataDirectory: system.dataDirectory });
        expect(asked.stdout + asked.stderr).toContain("rm -rf ~");
      }
      await answer(question, each);
    }
    await system.untilFinal(taskId);
    const outcomes = permissionCases.map(({ gives }) => ({
      result: { outcome: gives === null ? { outcome: "cancelled" } : { outcome: "selected", optionId: gives } },
    }));
    const report = await hostile().report("questions");
    expect(permissionCases.map(({ id }) => report[id])).toEqual(outcomes);
    expect(await watched.trespasses()).toEqual([]);
    const answered = (await readMessages(system.api, taskId)).flatMap(({ body }) =>
      body.kind === "permission_settled" ? [body.by] : [],
    );
    expect(answered).toHaveLength(permissionCases.length);
    expect(answered.filter((by) => !by.startsWith("user_"))).toEqual([]);
    expectPlainTerminal(await watchInTerminal(test, system, taskId));
  });
});
