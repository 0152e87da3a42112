/** A task as it was, and what SAM found out about itself: by finger on a phone, by the keyboard on a desktop. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";

import { screens } from "../support/chromium.ts";
import { expectGone, expectSeen, openPage } from "../support/person.ts";
import { closeProof, conversation, expectStatus, openProof } from "../support/task-page.ts";
import type { Here } from "./here.ts";

export function lookingBack({ system, browser }: Here): void {
  describe.concurrent.each(screens)("on $screen", ({ screen, viewport }) => {
    it("a task is seen as it was, marked as the past, with nothing to press but the way back", async (test) => {
      const name = `past-on-${screen.replaceAll(" ", "-")}`;
      const repository = await system().repository(name);
      const { taskId } = await system().submit({
        prompt: "Do.\n\n```sh\necho hello >hello.txt\n```\n",
        repository: { url: repository.path },
        agentId: "runbook",
      });
      await system().untilStep(taskId, "completed");
      const transitions = await system().api.transitions(taskId);
      const ran = transitions.find(({ to }) => to === "running")?.at ?? 0;
      const page = await openPage(test, browser(), system(), { viewport, path: `/tasks/${taskId}` });
      await expectStatus(page, "completed");

      const proof = await openProof(page);
      await proof.getByRole("button", { name: /^running/ }).click();
      await proof.getByRole("link", { name: "See the task as it was then" }).click();
      await expectSeen(momentBar(page).getByText(/^As of \d\d:\d\d:\d\d$/));
      await expectStatus(page, "running");
      expect(new URL(page.url()).searchParams.get("asOf")).toBe(String(ran));
      await expectGone(conversation(page).getByRole("group", { name: "SAM: verdicts" }));
      await expectGone(page.getByRole("textbox", { name: /say|do next/i }));
      await expectGone(page.getByRole("button", { name: "Cancel" }));
      const then = await openPastProof(page);
      await expectSeen(then.getByRole("listitem", { name: /^pushed: not known/ }));
      expect(
        await then
          .getByRole("list", { name: "Steps" })
          .getByRole("button", { name: /^completed/ })
          .count(),
      ).toBe(0);
      await closePastProof(page);

      await momentBar(page).getByRole("button", { name: "What happened next" }).click();
      await page.waitForURL((url) => Number(url.searchParams.get("asOf")) > ran);
      // The keyboard moves along the whole life: its end is the end.
      await momentBar(page).getByRole("slider", { name: "As of" }).press("End");
      await expectStatus(page, "completed");
      await expectSeen(conversation(page).getByRole("group", { name: "SAM: verdicts" }));
      await momentBar(page).getByRole("slider", { name: "As of" }).press("Home");
      await expectStatus(page, "node selection");

      await momentBar(page).getByRole("link", { name: "Back to now" }).click();
      await expectStatus(page, "completed");
      await expectGone(momentBar(page));
      expect(new URL(page.url()).search).toBe("");
      await closeProof(page);
    });

    it("the audit says each of its five figures, and nothing but what was looked at", async (test) => {
      const page = await openPage(test, browser(), system(), { viewport, path: "/audit" });
      const figures = page.getByRole("list", { name: "Figures" });
      await expectSeen(figures.getByRole("listitem", { name: "Tasks stuck past a deadline" }));
      await expectSeen(figures.getByRole("listitem", { name: "Sweeps missed while SAM was on" }));
      expect(await figures.getByRole("listitem").count()).toBe(5);
      await expectSeen(page.getByRole("heading", { name: "Audit", level: 1 }));
    });
  });
}

function momentBar(page: Page) {
  return page.getByRole("region", { name: "The moment that is shown" });
}

function pastSheet(page: Page) {
  return page.getByRole("dialog", { name: /^Proof as of / });
}

/** On a phone the sheet that the status opens says of when it is. */
async function openPastProof(page: Page) {
  const isPhone = (page.viewportSize()?.width ?? 0) < 600;
  if (!isPhone) return page.getByRole("complementary", { name: "Proof" });
  if (!(await pastSheet(page).isVisible())) {
    await page.getByRole("button", { name: /^Status: .* Show the proof$/ }).click();
  }
  await expectSeen(pastSheet(page));
  return pastSheet(page);
}

async function closePastProof(page: Page): Promise<void> {
  if (!(await pastSheet(page).isVisible())) return;
  await pastSheet(page).getByRole("button", { name: "Close" }).click();
  await pastSheet(page).waitFor({ state: "detached" });
}
