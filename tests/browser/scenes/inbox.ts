/** What awaits its person: one list over all projects, answered in place, by fingers or keys; and its count everywhere. */
import type { Locator, Page, Route } from "playwright-core";
import { describe, expect, it } from "vitest";

import { untilEnded } from "../../system/support/ends.ts";
import { phone, screens } from "../support/chromium.ts";
import { startTalk } from "../support/installation.ts";
import { expectFocusSeen, tabTo } from "../support/keyboard.ts";
import { expectGone, expectSeen, expectTitle, openPage } from "../support/person.ts";
import { conversation, expectStatus } from "../support/task-page.ts";
import type { Here } from "./here.ts";

function waiting(page: Page, title: string): Locator {
  return page
    .getByRole("region", { name: /await(s)? you$/ })
    .getByRole("listitem")
    .filter({ hasText: title });
}

/** From here on what these pages answer leaves all of them at once. */
async function answerTogether(pages: readonly Page[]): Promise<void> {
  const all = Promise.withResolvers<void>();
  let asked = 0;
  const holdBack = async (route: Route) => {
    asked += 1;
    if (asked === pages.length) all.resolve();
    await all.promise;
    await route.continue();
  };
  for (const page of pages) await page.route("**/answers", holdBack);
}

export function inbox({ system, browser }: Here): void {
  describe.concurrent.each(screens)("on $screen", ({ screen, viewport }) => {
    const name = `inbox-on-${screen.replaceAll(" ", "-")}`;

    it("a question is answered in place, and its receipt comes line by line", async (test) => {
      const { taskId, title } = await startTalk(system(), { name, lines: [`ask ${name}.txt hello`] });
      await system().untilStep(taskId, "awaiting_input");
      const page = await openPage(test, browser(), system(), { viewport, path: "/inbox" });
      const item = waiting(page, title);
      await expectSeen(item.getByText(`The agent asks to edit a file: Write ${name}.txt`));
      await expectSeen(item.getByText(/waits for/));
      await expectSeen(item.getByText(/Its machine(, which \d+ tasks share,)? costs nothing\./));
      await expectSeen(item.getByText(/completes or fails by verdict/));
      await expectTitle(page, /^\(\d+\) Inbox · SAM$/);
      await expectSeen(page.getByRole("link", { name: /^Inbox ?, \d+ awaits? you$/ }));
      await item.getByRole("button", { name: "Allow once" }).click();
      await expectGone(waiting(page, title));
      const answered = page.getByRole("region", { name: "Answered just now" }).getByRole("listitem");
      for (const line of ["accepted", "on the machine", "read by the agent"]) {
        await expectSeen(answered.filter({ hasText: title }).getByText(line));
      }
      await untilEnded(system(), taskId, { step: "completed", verdicts: { produced: { holds: true } } });
    });
  });

  it("the end of a turn is gone on from in place, and its words' receipt stands in the conversation", async (test) => {
    const { taskId, title } = await startTalk(system(), {
      name: "inbox-words",
      lines: ["write one.txt one"],
      mode: "conversation",
    });
    await system().untilStep(taskId, "awaiting_input");
    const page = await openPage(test, browser(), system(), { viewport: phone, path: "/inbox" });
    const item = waiting(page, title);
    await item.getByRole("textbox", { name: "Message to the agent" }).fill("write two.txt two");
    await item.getByRole("button", { name: "Send" }).click();
    await expectSeen(page.getByRole("region", { name: "Answered just now" }).getByText(title));
    await page.goto(new URL(`/tasks/${taskId}`, page.url()).href);
    await expectStatus(page, "awaits you");
    const receipts = conversation(page).getByRole("list", { name: "Receipt of your answer" });
    await expectSeen(receipts.getByText("read by the agent"));
    await page.goto(new URL("/inbox", page.url()).href);
    await waiting(page, title).getByRole("button", { name: "Deliver" }).click();
    await untilEnded(system(), taskId, { step: "completed" });
    await expectGone(waiting(page, title));
  });

  it("of two pages that answer at once one does, and the other says by whom it was answered, and what", async (test) => {
    const { taskId, title } = await startTalk(system(), { name: "inbox-twice", lines: ["ask twice.txt hello"] });
    await system().untilStep(taskId, "awaiting_input");
    const options = { path: "/inbox", expectedErrors: /status of 409/ };
    const pages = [
      await openPage(test, browser(), system(), options),
      await openPage(test, browser(), system(), { ...options, viewport: phone }),
    ];
    for (const page of pages) await expectSeen(waiting(page, title));
    await answerTogether(pages);
    await Promise.all(
      pages.map((page, index) =>
        waiting(page, title)
          .getByRole("button", { name: index === 0 ? "Allow once" : "Refuse" })
          .click(),
      ),
    );
    await untilEnded(system(), taskId, { step: "completed" });
    const outcomes = await Promise.all(
      pages.map(async (page) => {
        const entry = page.getByRole("region", { name: "Answered just now" }).getByRole("listitem");
        const own = entry.filter({ hasText: title });
        await expectSeen(own);
        return own.innerText();
      }),
    );
    const late = outcomes.filter((text) => text.includes("came too late"));
    expect(late).toHaveLength(1);
    expect(late[0]).toMatch(/That question was answered by user_\w+ at .*: the option “\w+”\. Nothing was changed\./);
  });

  it("is gone through and answered with keys alone", async (test) => {
    const { taskId, title } = await startTalk(system(), { name: "inbox-keys", lines: ["ask keys.txt hello"] });
    await system().untilStep(taskId, "awaiting_input");
    const page = await openPage(test, browser(), system(), { path: "/inbox" });
    const item = waiting(page, title);
    await tabTo(page, item.getByRole("link").first());
    await tabTo(page, item.getByRole("button", { name: "Refuse" }));
    await expectFocusSeen(page);
    await page.keyboard.press("Enter");
    await untilEnded(system(), taskId, { step: "completed", verdicts: { produced: { holds: false } } });
  });
}
