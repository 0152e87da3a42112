/**
 * The way to SAM is cut in mid-stream and comes back, or SAM itself is killed and started again under an open page: the
 * page says since when it hears nothing, keeps what was true, and goes on with no message lost, doubled or out of order.
 */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";

import { readMessages } from "../system/support/conversation.ts";
import { untilEnded } from "../system/support/ends.ts";
import { System } from "../system/support/system.ts";
import { screens, shareBrowser } from "./support/chromium.ts";
import { expectSameConversation, numbersIn, readThrough } from "./support/conversation-rows.ts";
import { CuttableNetwork } from "./support/cuttable-network.ts";
import { addTalkingAgent, shareInstallation, startTalk } from "./support/installation.ts";
import { expectGone, expectSeen, openPage } from "./support/person.ts";
import { conversation, expectStatus } from "./support/task-page.ts";

const system = shareInstallation();
const browser = shareBrowser();
/** What Chromium says of a network that is not there. */
const cutOff = /net::ERR_|WebSocket connection to .* failed/;
const spoken = 240;

const offline = (page: Page) => page.getByRole("status").filter({ hasText: "Offline since" });
const notLive = (page: Page) => page.getByRole("status").filter({ hasText: "Not live since" });

/** Waits until the page shows a number at least as high. @returns the highest. */
async function untilShown(page: Page, least: number): Promise<number> {
  const highest = async () => Math.max(0, ...numbersIn(await conversation(page).innerText()));
  return system().until(`the page shows tick ${least}`, async () => {
    const now = await highest();
    return now >= least ? now : null;
  });
}

describe.concurrent.each(screens)("on $screen", ({ screen, viewport }) => {
  const name = screen.replaceAll(" ", "-");

  it("cut off in mid-stream, twice, the page says so, keeps what it has, and has every message in the end", async (test) => {
    const { stage } = system();
    stage.shut(name);
    const { taskId } = await startTalk(system(), { name, lines: [`say ${spoken} 20`, `wait ${stage.gatePath(name)}`] });
    const network = await CuttableNetwork.start(test, Number(new URL(system().launcher.url).port));
    const options = { viewport, path: `/tasks/${taskId}`, port: network.port, expectedErrors: cutOff };
    const page = await openPage(test, browser(), system(), options);
    const before = await untilShown(page, 5);
    expect(network.cut()).toBeGreaterThan(0);
    await expectSeen(offline(page).getByText(/^Offline since \d\d:\d\d:\d\d \(.*\)\. What you see was true then\./));
    expect(numbersIn(await conversation(page).innerText()).at(-1)).toBeGreaterThanOrEqual(before);
    network.restore();
    await expectGone(offline(page));
    await untilShown(page, before + 1);
    network.cut();
    stage.open(name);
    await untilEnded(system(), taskId, { step: "completed" });
    expect(await page.getByRole("button", { name: /^Status: completed/ }).count()).toBe(0);
    network.restore();
    await expectStatus(page, "completed, nothing produced");
    await expectGone(notLive(page));
    expectSameConversation(await readThrough(page), await readMessages(system().api, taskId));
  });
});

it("what is written while nobody answers is kept, and is said once when it is sent again", async (test) => {
  const { taskId } = await startTalk(system(), { name: "written", lines: ["say 1"], mode: "conversation" });
  const network = await CuttableNetwork.start(test, Number(new URL(system().launcher.url).port));
  const options = { path: `/tasks/${taskId}`, port: network.port, expectedErrors: cutOff };
  const page = await openPage(test, browser(), system(), options);
  await expectStatus(page, "awaits you");
  const field = page.getByRole("textbox", { name: "Message to the agent" });
  await field.fill("say 2");
  network.cut();
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await expectSeen(page.getByRole("alert").getByText("It was not sent"));
  await expectSeen(page.getByRole("alert").getByText("Your text is kept. Sent again, it is said once."));
  expect(await field.inputValue()).toBe("say 2");
  network.restore();
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await untilShown(page, 3);
  await expectStatus(page, "awaits you");
  expectSameConversation(await readThrough(page), await readMessages(system().api, taskId));
  const prompts = (await readMessages(system().api, taskId)).filter(({ body }) => body.kind === "prompt");
  expect(prompts).toHaveLength(2);
});

describe("the control plane dies under an open page, and comes back", () => {
  it("its runtime, in mid-stream", async (test) => {
    const { taskId } = await startTalk(system(), { name: "runtime", lines: [`say ${spoken} 20`] });
    const page = await openPage(test, browser(), system(), { path: `/tasks/${taskId}`, expectedErrors: cutOff });
    await untilShown(page, 5);
    await system().kill9("workerd");
    await untilEnded(system(), taskId, { step: "completed" });
    await expectStatus(page, "completed, nothing produced");
    await expectGone(offline(page));
    expectSameConversation(await readThrough(page), await readMessages(system().api, taskId));
  });

  it("all of it, while a block works", async (test) => {
    const own = await System.prepare(test);
    addTalkingAgent(own);
    await own.up();
    const repository = await own.repository();
    own.stage.shut("work");
    const prompt = `Go on.\n\n\`\`\`sh\n${own.stage.wait("work")}\necho done >done.txt\n\`\`\`\n`;
    const { taskId } = await own.submit({ prompt, repository: { url: repository.path } });
    const page = await openPage(test, browser(), own, { path: `/tasks/${taskId}`, expectedErrors: cutOff });
    await expectStatus(page, "running");
    await own.kill9("launcher");
    await expectSeen(offline(page));
    await expectSeen(conversation(page).getByRole("group", { name: "You" }));
    await own.up();
    await expectGone(offline(page));
    await expectGone(notLive(page));
    own.stage.open("work");
    await expectStatus(page, "completed");
    await untilEnded(own, taskId, { step: "completed", verdicts: { produced: { holds: true } } });
    expectSameConversation(await readThrough(page), await readMessages(own.api, taskId));
  });
});
