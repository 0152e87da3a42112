/** A task is cancelled on its page: after a question that says what is lost, and with a receipt, line by line. */
import { describe, expect, it } from "vitest";

import { expectReceipt } from "../../system/support/proofs.ts";
import { screens } from "../support/chromium.ts";
import { expectGone, expectSeen, openPage } from "../support/person.ts";
import { conversation, expectStatus, namesOf, openProof } from "../support/task-page.ts";
import type { Here } from "./here.ts";

export function cancelling({ system, browser }: Here): void {
  describe.concurrent.each(screens)("on $screen", ({ screen, viewport }) => {
    it("the question can be declined; the receipt says what was done, in its order, and what was kept", async (test) => {
      const repository = await system().repository(`cancelled-on-${screen.replaceAll(" ", "-")}`);
      const prompt = "Work long.\n\n```sh\necho kept >kept.txt\nexec sleep 1000\n```\n";
      const { taskId, branch } = await system().submit({ prompt, repository: { url: repository.path } });
      const page = await openPage(test, browser(), system(), { viewport, path: `/tasks/${taskId}` });
      const hasSleep = () =>
        system()
          .belongings.ofTask(taskId)
          .some(({ command }) => command[0] === "sleep");
      await system().until("the block works", hasSleep, { taskId });
      await expectStatus(page, "running");

      const cancel = page.getByRole("button", { name: "Cancel", exact: true });
      await cancel.click();
      const dialog = page.getByRole("dialog", { name: "Cancel this task?" });
      await expectSeen(dialog.getByText(/^The turn that runs is broken off; its processes are ended/));
      await expectSeen(dialog.getByText(`You can continue the task later on ${branch}, with that work.`));
      await dialog.getByRole("button", { name: "Let it go on" }).click();
      await expectGone(dialog);
      expect(hasSleep()).toBe(true);

      await cancel.click();
      await dialog.getByRole("button", { name: "Cancel the task" }).click();
      await expectGone(dialog);
      await expectStatus(page, "cancelled");
      expect(hasSleep()).toBe(false);
      await expectReceipt(system(), taskId, true);
      const receipt = (await openProof(page)).getByRole("list", { name: "Receipt" });
      await expectSeen(receipt.getByRole("listitem").filter({ hasText: "machine released: " }));
      const lines = (await namesOf(receipt)).map((line) => line.split(": "));
      expect(lines.map(([what]) => what)).toEqual([
        "signal sent",
        "processes gone",
        "work saved",
        "workspace removed",
        "machine released",
      ]);
      for (const [, proof] of lines) expect(proof).toMatch(/\S/);
      expect(await repository.branches()).toEqual([]);
    });
  });

  it("each line of the receipt stands in the conversation, once, and the end after those that it waits for", async (test) => {
    const repository = await system().repository("told");
    const { taskId } = await system().submit({
      prompt: "```sh\nsleep 1000\n```",
      repository: { url: repository.path },
    });
    await system().untilStep(taskId, "running");
    const page = await openPage(test, browser(), system(), { path: `/tasks/${taskId}` });
    await expectStatus(page, "running");
    await system().api.cancel(taskId);
    await expectStatus(page, "cancelled");
    await expectReceipt(system(), taskId, true);
    const lines = conversation(page).getByRole("group", { name: "SAM: receipt" });
    await expectSeen(lines.filter({ hasText: "machine released" }));
    expect(await lines.count()).toBe(5);
  });
}
