/** With the keyboard alone: signing in, submitting, answering, saying more and cancelling, without losing one's place. */
import { expect, it } from "vitest";

import { openContext } from "../support/chromium.ts";
import { expectFocusSeen, tabTo } from "../support/keyboard.ts";
import { drawLink, expectGone, expectSeen, hasFocus, originOf } from "../support/person.ts";
import { conversation, expectStatus, question } from "../support/task-page.ts";
import type { Here } from "./here.ts";

export function keyboardAlone({ system, browser }: Here): void {
  it("everything from signing in to cancelling is done with keys, and it is always seen where one is", async (test) => {
    const { stage } = system();
    stage.shut("keys");
    const repository = await system().repository("keys");
    const page = await (await openContext(test, browser())).newPage();
    const { keyboard } = page;

    await page.goto(`${originOf(system())}/sign-in`);
    await tabTo(page, page.getByRole("textbox", { name: "Link" }));
    await keyboard.type(await drawLink(system()));
    await keyboard.press("Enter");
    await expectSeen(page.getByRole("heading", { name: /awaits? you/, level: 1 }));

    await tabTo(page, page.getByRole("link", { name: "Projects", exact: true }));
    await keyboard.press("Enter");
    await tabTo(page, page.getByRole("textbox", { name: "Repository" }));
    await keyboard.type(repository.path);
    await keyboard.press("Enter");
    const prompt = page.getByRole("textbox", { name: "What is to be done?" });
    await expectSeen(prompt);
    await tabTo(page, page.getByRole("combobox", { name: "Agent" }));
    await keyboard.type("talking");
    await keyboard.press("/");
    await tabTo(page, page.getByText("More: check, permissions, mode, branch"), "Shift+Tab");
    await keyboard.press("Enter");
    await tabTo(page, page.getByRole("combobox", { name: "Mode" }));
    await keyboard.type("Conv");
    await keyboard.press("Escape");
    await keyboard.press("/");
    expect(await hasFocus(prompt)).toBe(true);
    await keyboard.type("ask a.txt hello");
    await keyboard.press("Control+Enter");

    await expectSeen(question(page));
    await tabTo(page, question(page).getByRole("button", { name: "Allow once" }));
    await keyboard.press("Enter");
    await expectSeen(conversation(page).getByText("Wrote a.txt."));
    await expectStatus(page, "awaits you");
    await keyboard.press("/");
    const composer = page.getByRole("textbox", { name: "Message to the agent" });
    expect(await hasFocus(composer)).toBe(true);
    await keyboard.type(`wait ${stage.gatePath("keys")}`);
    await keyboard.press("Control+Enter");
    await expectStatus(page, "running");

    await keyboard.press("Escape");
    const cancel = page.getByRole("button", { name: "Cancel", exact: true });
    await tabTo(page, cancel, "Shift+Tab");
    await keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Cancel this task?" });
    await expectSeen(dialog);
    await tabTo(page, dialog.getByRole("button", { name: "Cancel the task" }));
    await keyboard.press("Escape");
    await expectGone(dialog);
    expect(await hasFocus(cancel)).toBe(true);
    await expectFocusSeen(page);
    await keyboard.press("Enter");
    await tabTo(page, dialog.getByRole("button", { name: "Cancel the task" }));
    await keyboard.press("Enter");
    await expectStatus(page, "cancelled");
  });

  it("what opens over the page takes the focus, keeps it, and gives it back", async (test) => {
    const page = await (await openContext(test, browser(), { viewport: { width: 375, height: 667 } })).newPage();
    await page.goto(await drawLink(system()));
    const repository = await system().repository("sheet");
    const prompt = "```sh\necho hello >hello.txt\n```";
    const { taskId } = await system().submit({ prompt, repository: { url: repository.path } });
    await system().untilFinal(taskId);
    await page.goto(`${originOf(system())}/tasks/${taskId}`);
    await expectStatus(page, "completed");
    const status = page.getByRole("button", { name: /^Status: / });
    await tabTo(page, status);
    await page.keyboard.press("Enter");
    const sheet = page.getByRole("dialog", { name: "Proof" });
    const review = sheet.getByRole("button", { name: "Review the diff" });
    await tabTo(page, review);
    await page.keyboard.press("Enter");
    const diff = page.getByRole("dialog", { name: "Diff" });
    await expectSeen(diff);
    await tabTo(page, diff.getByRole("button", { name: "Close" }));
    await page.keyboard.press("Escape");
    await expectGone(diff);
    await page.keyboard.press("Escape");
    await expectGone(sheet);
    expect(await hasFocus(status)).toBe(true);
  });
}
