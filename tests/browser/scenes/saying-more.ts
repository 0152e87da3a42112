/** Saying more: in a conversation, while a turn runs, instead of it, and after the end; and having it delivered. */
import { describe, expect, it } from "vitest";

import { untilEnded } from "../../system/support/ends.ts";
import { desktop, phone, screens } from "../support/chromium.ts";
import { goToBeginning, readThrough } from "../support/conversation-rows.ts";
import { startTalk } from "../support/installation.ts";
import { expectGone, expectSeen, openPage } from "../support/person.ts";
import { conversation, expectStatus, openProof } from "../support/task-page.ts";
import type { Here } from "./here.ts";

const message = "Message to the agent";

export function sayingMore({ system, browser }: Here): void {
  describe.concurrent.each(screens)("on $screen", ({ screen, viewport }) => {
    const name = `said-on-${screen.replaceAll(" ", "-")}`;

    it("a conversation waits after each turn, goes on with what is said, and is delivered when it is asked for", async (test) => {
      const talk = await startTalk(system(), { name, lines: ["write a.txt one"], mode: "conversation" });
      const page = await openPage(test, browser(), system(), { viewport, path: `/tasks/${talk.taskId}` });
      await expectStatus(page, "awaits you");
      const composer = page.getByRole("form", { name: message });
      await composer.getByRole("textbox", { name: message }).fill("write b.txt two");
      await expectSeen(composer.getByText("It begins the agent's next turn."));
      await composer.getByRole("button", { name: "Send", exact: true }).click();
      await expectSeen(conversation(page).getByText("Wrote b.txt."));
      await expectStatus(page, "awaits you");
      await system().until("the text is taken", async () => (await composer.getByRole("textbox").inputValue()) === "");
      await page.getByRole("button", { name: "Deliver", exact: true }).click();
      await expectStatus(page, "completed");
      await expectGone(page.getByRole("button", { name: "Deliver", exact: true }));
      const { verdicts } = await untilEnded(system(), talk.taskId, { step: "completed" });
      expect(verdicts.produced?.files).toBe(2);
    });
  });

  describe.concurrent("while a turn runs", () => {
    it("what is said waits for its end, is shown as waiting, and is told then", async (test) => {
      const { stage } = system();
      stage.shut("queued");
      const lines = ["say 1", `wait ${stage.gatePath("queued")}`, "say 1"];
      const { taskId } = await startTalk(system(), { name: "queued", lines });
      const page = await openPage(test, browser(), system(), { viewport: phone, path: `/tasks/${taskId}` });
      await expectSeen(conversation(page).getByText("tick 1", { exact: true }));
      await page.getByRole("textbox", { name: message }).fill("say 1");
      await page.getByRole("button", { name: "Send after the turn" }).click();
      const waiting = page.getByRole("list", { name: "Waits for the end of the turn" });
      await expectSeen(waiting.getByRole("listitem"));
      expect(await conversation(page).getByRole("group", { name: "You" }).count()).toBe(1);
      stage.open("queued");
      await expectSeen(conversation(page).getByText("tick 3", { exact: true }));
      await expectGone(waiting);
      await untilEnded(system(), taskId, { step: "completed" });
      // On a phone the first of them may be out of sight by now, and then it is not there to count.
      const rows = await readThrough(page);
      expect(rows.filter(({ label }) => label === "You")).toHaveLength(2);
    });

    it("an interruption ends the turn, and what was said begins the next one at once", async (test) => {
      const { stage } = system();
      stage.shut("for-good");
      const { taskId } = await startTalk(system(), {
        name: "interrupted",
        lines: [`wait ${stage.gatePath("for-good")}`],
      });
      const page = await openPage(test, browser(), system(), { viewport: desktop, path: `/tasks/${taskId}` });
      await expectStatus(page, "running");
      await page.getByRole("textbox", { name: message }).fill("write a.txt instead");
      await page.getByRole("button", { name: "Interrupt and say" }).click();
      await expectSeen(conversation(page).getByText("Wrote a.txt."));
      await expectSeen(conversation(page).getByRole("group", { name: "SAM: turn ended: cancelled" }));
      await untilEnded(system(), taskId, { step: "completed", verdicts: { produced: { holds: true } } });
    });

    it("an interruption without a word makes the task await its person", async (test) => {
      const { stage } = system();
      stage.shut("silent");
      const { taskId } = await startTalk(system(), { name: "silent", lines: [`wait ${stage.gatePath("silent")}`] });
      const page = await openPage(test, browser(), system(), { viewport: phone, path: `/tasks/${taskId}` });
      await expectStatus(page, "running");
      await page.getByRole("button", { name: "Interrupt", exact: true }).click();
      await expectStatus(page, "awaits you");
      await expectSeen(conversation(page).getByRole("group", { name: "SAM: turn ended: cancelled" }));
      await page.getByRole("textbox", { name: message }).fill("write a.txt now");
      await page.getByRole("button", { name: "Send", exact: true }).click();
      await expectStatus(page, "completed");
    });
  });

  describe.concurrent.each(screens)("after the end, on $screen", ({ screen, viewport }) => {
    it("a task is continued by a new one on its branch, below the conversation that was", async (test) => {
      const name = `${screen.replaceAll(" ", "-")}-continued`;
      const { taskId, branch, title } = await startTalk(system(), { name, lines: ["write a.txt one"] });
      const page = await openPage(test, browser(), system(), { viewport, path: `/tasks/${taskId}` });
      await expectStatus(page, "completed");
      await page.getByRole("textbox", { name: "Continue this task" }).fill("write b.txt two");
      await page.getByRole("button", { name: "Continue", exact: true }).click();
      await expectSeen(conversation(page).getByText("This task continues the one above, on its branch."));
      expect(page.url()).not.toContain(taskId);
      await expectSeen(conversation(page).getByText("Wrote b.txt."));
      await expectStatus(page, "completed");
      const { continuedBy } = await system().api.task(taskId);
      expect(page.url()).toContain(continuedBy);
      const next = await untilEnded(system(), continuedBy ?? "", { step: "completed", branch, continues: taskId });
      expect(next.verdicts.pushed?.holds).toBe(true);
      await goToBeginning(conversation(page));
      await expectSeen(
        conversation(page)
          .getByRole("group", { name: `Beginning of ${title}` })
          .getByRole("link"),
      );
      await expectSeen(conversation(page).getByText("Wrote a.txt."));
      const proof = await openProof(page);
      await expectSeen(proof.getByRole("region", { name: "Branch" }).getByText(branch, { exact: true }));
    });
  });
}
