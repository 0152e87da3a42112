/** Several pages at once: two on one task show the same, and of two tasks nothing of one is ever seen on the other. */
import type { Page } from "playwright-core";
import { expect, it } from "vitest";

import { readMessages } from "../../system/support/conversation.ts";
import { untilEnded } from "../../system/support/ends.ts";
import { desktop, phone } from "../support/chromium.ts";
import { expectSameConversation, numbersIn, readThrough, rowsUpTo } from "../support/conversation-rows.ts";
import { startTalk } from "../support/installation.ts";
import { expectGone, expectSeen, openPage } from "../support/person.ts";
import { conversation, expectStatus, question } from "../support/task-page.ts";
import type { Here } from "./here.ts";

export function sideBySide({ system, browser }: Here): void {
  it("two pages on one task show the same, and what is done on one is seen on the other", async (test) => {
    const { stage } = system();
    stage.shut("second");
    const lines = ["ask a.txt hello", "say 20 10", `wait ${stage.gatePath("second")}`, "say 20 10"];
    const { taskId } = await startTalk(system(), { name: "shared", lines });
    const path = `/tasks/${taskId}`;
    const [one, other] = await Promise.all([
      openPage(test, browser(), system(), { viewport: desktop, path }),
      openPage(test, browser(), system(), { viewport: phone, path }),
    ]);
    await expectSeen(question(one));
    await expectSeen(question(other));
    await question(other).getByRole("button", { name: "Allow once" }).click();
    await expectGone(question(one));
    await expectSeen(conversation(one).getByText(/^Answered by you: Allow once, /));
    await expectSeen(conversation(one).getByText("tick 20", { exact: true }));

    await one.getByRole("textbox", { name: "Message to the agent" }).fill("say 3");
    await one.getByRole("button", { name: "Send after the turn" }).click();
    await expectSeen(other.getByRole("list", { name: "Waits for the end of the turn" }).getByText("say 3"));
    stage.open("second");
    for (const page of [one, other]) await expectStatus(page, "completed");
    await untilEnded(system(), taskId, { step: "completed" });
    const messages = await readMessages(system().api, taskId);
    const shown = await Promise.all([one, other].map(readThrough));
    for (const rows of shown) expectSameConversation(rows, messages);
    const [first, second] = shown.map((rows) => rowsUpTo(rows, messages).map(({ seq, label }) => [seq, label]));
    expect(first).toEqual(second);
  });

  it("two tasks that speak at once never mix: not on two pages, and not on one that goes from one to the other", async (test) => {
    const names = ["alpha", "beta"] as const;
    const [alpha, beta] = await Promise.all(
      names.map((name) => startTalk(system(), { name, lines: [`name ${name}`, "say 200 25"] })),
    );
    if (alpha === undefined || beta === undefined) throw new Error("there should be two");
    const page = await openPage(test, browser(), system(), { path: `/tasks/${alpha.taskId}` });
    const still = await openPage(test, browser(), system(), { path: `/tasks/${beta.taskId}` });
    const rail = page.getByRole("complementary", { name: "Tasks and places" });
    for (const { own, other, link } of [
      { own: "beta", other: "alpha", link: beta.title },
      { own: "alpha", other: "beta", link: alpha.title },
    ]) {
      await expectOnly(page, other, own);
      await rail.getByRole("link", { name: link }).click();
      await expectOnly(page, own, other);
      await expectOnly(still, "beta", "alpha");
    }
    for (const { taskId } of [alpha, beta]) await untilEnded(system(), taskId, { step: "completed" });
    await expectStatus(page, "completed, nothing produced");
    await expectStatus(still, "completed, nothing produced");
    expectSameConversation(await readThrough(page), await readMessages(system().api, alpha.taskId), "alpha");
    expectSameConversation(await readThrough(still), await readMessages(system().api, beta.taskId), "beta");
    for (const [one, foreign] of [
      [page, "beta"],
      [still, "alpha"],
    ] as const) {
      const rows = await readThrough(one);
      expect(rows.flatMap(({ text }) => numbersIn(text, foreign))).toEqual([]);
    }
  });

  /** The page says what its own agent says, and not a word of the other's. */
  async function expectOnly(page: Page, own: string, other: string): Promise<void> {
    const text = await system().until(`${own} speaks`, async () => {
      const now = await conversation(page).innerText();
      return numbersIn(now, own).length > 0 ? now : null;
    });
    expect(numbersIn(text, other)).toEqual([]);
  }
}
