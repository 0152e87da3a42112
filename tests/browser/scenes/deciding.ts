/** The agent asks: a person answers on the page, on a phone and on a desktop; exactly once, whoever else answers meanwhile. */
import { describe, expect, it } from "vitest";

import { readMessages } from "../../system/support/conversation.ts";
import { expectExit, untilEnded } from "../../system/support/ends.ts";
import { git } from "../../system/support/repository.ts";
import { sam } from "../../system/support/sam-command.ts";
import { phone, screens } from "../support/chromium.ts";
import { startTalk } from "../support/installation.ts";
import { expectGone, expectSeen, expectTitle, openPage } from "../support/person.ts";
import { conversation, expectStatus, question } from "../support/task-page.ts";
import type { Here } from "./here.ts";

export function deciding({ system, browser }: Here): void {
  describe.concurrent.each(screens)("on $screen", ({ screen, viewport }) => {
    const name = `decided-on-${screen.replaceAll(" ", "-")}`;

    it("a yes lets the agent go on, and the conversation says who gave it", async (test) => {
      const { taskId, branch, repository } = await startTalk(system(), {
        name: `${name}-yes`,
        lines: ["ask a.txt hello"],
      });
      const page = await openPage(test, browser(), system(), { viewport, path: `/tasks/${taskId}` });
      await expectStatus(page, "awaits you");
      await expectTitle(page, /^\(\d+\) ◆ awaits you: /);
      await expectSeen(question(page).getByText("The agent asks to edit a file: Write a.txt"));
      await question(page).getByRole("button", { name: "Allow once" }).click();
      await expectSeen(conversation(page).getByText(/^Answered by you: Allow once, /));
      await expectGone(question(page));
      await expectStatus(page, "completed");
      await untilEnded(system(), taskId, { step: "completed" });
      expect(await git(repository.url, "show", `refs/heads/${branch}:a.txt`)).toBe("hello");
    });
  });

  it("a no leaves it undone, and the task says that nothing was produced", async (test) => {
    const { taskId } = await startTalk(system(), { name: "refused", lines: ["ask a.txt hello"] });
    const page = await openPage(test, browser(), system(), { viewport: phone, path: `/tasks/${taskId}` });
    await question(page).getByRole("button", { name: "Refuse" }).click();
    await expectSeen(conversation(page).getByText(/^Answered by you: Refuse, /));
    await expectSeen(conversation(page).getByText("Nothing was written to a.txt."));
    await expectStatus(page, "completed, nothing produced");
  });

  it("what waits is on Home, and is answered there", async (test) => {
    const { taskId, title } = await startTalk(system(), { name: "inbox", lines: ["ask inbox.txt hello"] });
    await system().untilStep(taskId, "awaiting_input");
    const page = await openPage(test, browser(), system(), { viewport: phone });
    await expectSeen(page.getByRole("heading", { name: /await(s)? you$/, level: 1 }));
    const item = page.getByRole("region", { name: "Awaits you" }).getByRole("listitem").filter({ hasText: title });
    await expectSeen(item.getByText("The agent asks to edit a file: Write inbox.txt"));
    await item.getByRole("button", { name: "Allow once" }).click();
    await untilEnded(system(), taskId, { step: "completed", verdicts: { produced: { holds: true } } });
    await expectGone(
      page.getByRole("region", { name: "Awaits you" }).getByText("The agent asks to edit a file: Write inbox.txt"),
    );
  });

  describe.concurrent("exactly once", () => {
    it("answered at the command line, the question goes from the page, which says who answered and how", async (test) => {
      const { taskId } = await startTalk(system(), { name: "elsewhere", lines: ["ask a.txt hello"] });
      const page = await openPage(test, browser(), system(), { path: `/tasks/${taskId}` });
      await expectSeen(question(page));
      expectExit(await sam(test, ["answer", taskId, "no"], system()), 0);
      await expectGone(question(page));
      await expectSeen(conversation(page).getByText(/^Answered by you: Refuse, /));
    });

    it("an answer that comes too late changes nothing, and the page says what was answered before", async (test) => {
      const { taskId } = await startTalk(system(), { name: "late", lines: ["ask a.txt hello"] });
      const page = await openPage(test, browser(), system(), {
        path: `/tasks/${taskId}`,
        expectedErrors: /status of 409/,
      });
      await expectSeen(question(page));
      const isOnItsWay = Promise.withResolvers<void>();
      const isAnswered = Promise.withResolvers<void>();
      await page.route("**/answers", async (route) => {
        isOnItsWay.resolve();
        await isAnswered.promise;
        await route.continue();
      });
      await question(page).getByRole("button", { name: "Allow once" }).click();
      await isOnItsWay.promise;
      expectExit(await sam(test, ["answer", taskId, "no"], system()), 0);
      isAnswered.resolve();
      await expectSeen(
        page.getByRole("status").getByText(/^Answered by you at .*: Refuse\. Your answer changed nothing\.$/),
      );
      await untilEnded(system(), taskId, { step: "completed", verdicts: { produced: { holds: false } } });
      const settled = (await readMessages(system().api, taskId)).filter(
        ({ body }) => body.kind === "permission_settled",
      );
      expect(settled).toHaveLength(1);
    });

    it("a policy that is chosen with the task answers by itself, and the conversation says that it did", async (test) => {
      const repository = await system().repository("policy");
      const { projectId } = await system().submit({ prompt: "Look around.", repository: { url: repository.path } });
      const page = await openPage(test, browser(), system(), { path: `/projects/${projectId}` });
      await page.getByRole("textbox", { name: "What is to be done?" }).fill("ask a.txt hello");
      await page.getByText("More: check, permissions, mode, branch").click();
      await page.getByRole("combobox", { name: "Permissions" }).selectOption("Allow edits");
      await page.getByRole("combobox", { name: "Agent" }).selectOption("talking");
      await page.getByRole("button", { name: "Submit the task" }).click();
      await expectSeen(conversation(page).getByText(/^Answered by the policy “allow edits”: Allow once, /));
      await expectStatus(page, "completed");
    });
  });
}
