/**
 * Messages that the page missed, though its stream never broke: frames are lost on the way. The page says which are
 * missing, fetches them, says so where it cannot and when it tries again, and in the end has each once and in its place.
 */
import { streamFrameSchema } from "@sam/protocol/message";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";

import { readMessages } from "../system/support/conversation.ts";
import { untilEnded } from "../system/support/ends.ts";
import { phone, shareBrowser } from "./support/chromium.ts";
import { expectSameConversation, readThrough } from "./support/conversation-rows.ts";
import { shareInstallation, startTalk } from "./support/installation.ts";
import type { PageElement } from "./support/page-element.ts";
import { expectGone, expectSeen, openPage } from "./support/person.ts";
import { conversation, expectStatus } from "./support/task-page.ts";

const system = shareInstallation();
const browser = shareBrowser();
/** What Chromium says of a request that was cut off on purpose. */
const cutOff = /net::ERR_/;

const missing = (page: Page) => conversation(page).getByRole("group", { name: "SAM: messages are missing" });

/** The page's way to SAM, on which messages get lost, and requests for what is missing fail, while the test says so. */
class LossyWay {
  loses = false;
  fails = false;
  lost = 0;

  static async of(page: Page): Promise<LossyWay> {
    const way = new LossyWay();
    await page.routeWebSocket(/\/stream\?/, (socket) => {
      const server = socket.connectToServer();
      server.onMessage((data) => {
        if (!way.#takes(String(data))) socket.send(data);
      });
    });
    await page.route(/\/messages\?after=/, async (route) => {
      if (way.fails) await route.abort();
      else await route.continue();
    });
    return way;
  }

  #takes(text: string): boolean {
    if (!this.loses || text === "pong") return false;
    const frame = streamFrameSchema.parse(JSON.parse(text));
    if (frame.type !== "messages") return false;
    this.lost += frame.messages.length;
    return true;
  }
}

it("in the middle: it says which, that it could not fetch them, and when it tries again; and fetches them", async (test) => {
  const { stage } = system();
  for (const gate of ["missed", "after"]) stage.shut(gate);
  const lines = ["say 10", `wait ${stage.gatePath("missed")}`, "say 7", `wait ${stage.gatePath("after")}`, "say 3"];
  const { taskId } = await startTalk(system(), { name: "middle", lines });
  const page = await openPage(test, browser(), system(), { viewport: phone, expectedErrors: cutOff });
  const way = await LossyWay.of(page);
  await page.goto(`${page.url()}tasks/${taskId}`);
  await expectSeen(conversation(page).getByText("tick 10", { exact: true }));
  const { lastSeq } = await system().api.messages(taskId, 0);

  way.loses = true;
  way.fails = true;
  stage.open("missed");
  await system().until("seven messages are lost", () => way.lost === 7);
  way.loses = false;
  stage.open("after");
  await expectSeen(conversation(page).getByText("tick 20", { exact: true }));
  const which = `Messages ${lastSeq + 1}–${lastSeq + 7} are missing`;
  await expectSeen(missing(page).getByText(new RegExp(`${which}, and could not be fetched\\. .* Tried again in \\d`)));
  expect(await conversation(page).getByText("tick 11", { exact: true }).count()).toBe(0);

  // Time enough to press it before the page tries again by itself; where it did, there is nothing left to press.
  await expectSeen(missing(page).getByText(/Tried again in (?:[3-9]|1\d)(?:\.\d)? s/));
  way.fails = false;
  const fetchNow = missing(page).getByRole("button", { name: "Fetch now" });
  await fetchNow.evaluateAll((buttons: readonly PageElement[]) => buttons[0]?.click());
  await expectGone(missing(page));
  await untilEnded(system(), taskId, { step: "completed" });
  await expectStatus(page, "completed, nothing produced");
  expectSameConversation(await readThrough(page), await readMessages(system().api, taskId));
});

it("at the end, with nothing after them: the stream's own word on how far it goes gives them away", async (test) => {
  const { stage } = system();
  stage.shut("end");
  const lines = ["say 5", `wait ${stage.gatePath("end")}`, "say 4"];
  const { taskId } = await startTalk(system(), { name: "end", lines });
  const page = await openPage(test, browser(), system(), { expectedErrors: cutOff });
  const way = await LossyWay.of(page);
  await page.goto(`${page.url()}tasks/${taskId}`);
  await expectSeen(conversation(page).getByText("tick 5", { exact: true }));

  way.loses = true;
  stage.open("end");
  await untilEnded(system(), taskId, { step: "completed" });
  await expectStatus(page, "completed, nothing produced");
  await expectSeen(conversation(page).getByText("tick 9", { exact: true }));
  await expectGone(missing(page));
  expect(way.lost).toBeGreaterThan(4);
  expectSameConversation(await readThrough(page), await readMessages(system().api, taskId));
});
