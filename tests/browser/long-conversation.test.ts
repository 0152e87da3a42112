/**
 * A conversation of 5,000 messages: it opens at its end at once, is scrolled through without a gap or a jump, and lets
 * its reader be where they are while more is said.
 */
import { beforeAll, describe, expect, it } from "vitest";

import { desktop, phone, screens, shareBrowser } from "./support/chromium.ts";
import { numbersIn, sightOf, untilStill } from "./support/conversation-rows.ts";
import { shareInstallation, startTalk } from "./support/installation.ts";
import { expectGone, expectSeen, openPage } from "./support/person.ts";
import { scrollThrough } from "./support/scrolling.ts";
import { conversation, expectStatus } from "./support/task-page.ts";

const system = shareInstallation();
const browser = shareBrowser();
/** Single messages, long ones in many pieces, and tool calls, which are two messages each. */
const parts = ["say 600", "join 1500", "run 600", "say 400", "join 1000", "run 149", "say 1"];
const numbers = 4_250;
const messages = 5_000;
/** How long it may take on a machine that is busy with other things. */
const openedMs = 15_000;
let taskId = "";

beforeAll(async () => {
  ({ taskId } = await startTalk(system(), { name: "long", lines: [...parts, "write end.txt told"] }));
  await system().untilFinal(taskId, 90_000);
  const { lastSeq } = await system().api.messages(taskId, 0);
  expect(lastSeq).toBeGreaterThan(messages);
});

describe.concurrent.each(screens)("on $screen", ({ viewport }) => {
  it("its end is there at once, when it is opened", async (test) => {
    const page = await openPage(test, browser(), system(), { viewport });
    const began = Date.now();
    await page.goto(`${page.url()}tasks/${taskId}`);
    await expectSeen(conversation(page).getByText(`tick ${numbers}`, { exact: true }), openedMs);
    expect(Date.now() - began).toBeLessThan(openedMs);
    await expectStatus(page, "completed");
  });

  it("who scrolled up stays where they are while more is said, and is led back to the end", async (test) => {
    const { stage } = system();
    const name = `reader-${viewport.width}`;
    stage.shut(name);
    const lines = [
      "say 60",
      `wait ${stage.gatePath(name)}`,
      "say 200 5",
      `wait ${stage.gatePath(`${name}-end`)}`,
      "say 1",
    ];
    stage.shut(`${name}-end`);
    const { taskId: readTaskId } = await startTalk(system(), { name, lines });
    const page = await openPage(test, browser(), system(), { viewport, path: `/tasks/${readTaskId}` });
    const feed = conversation(page);
    await expectSeen(feed.getByText("tick 60", { exact: true }));
    await untilStill(feed);
    await feed.hover();
    await page.mouse.wheel(0, -700);
    const toTheEnd = page.getByRole("button", { name: /^(To the end|\d+ new)$/ });
    await expectSeen(toTheEnd);
    const before = await untilStill(feed);
    stage.open(name);
    await expectSeen(page.getByRole("button", { name: "200 new" }));
    const after = await sightOf(feed);
    expect(placesOf(after)).toEqual(placesOf(before));
    await toTheEnd.click();
    await expectSeen(feed.getByText("tick 260", { exact: true }));
    await expectGone(toTheEnd);
    stage.open(`${name}-end`);
    await expectSeen(feed.getByText("tick 261", { exact: true }));
  });
});

/** Where what is in sight stands. */
function placesOf({ rows, height }: Awaited<ReturnType<typeof sightOf>>): readonly (readonly [number, number])[] {
  const inSight = rows.filter(({ top, bottom }) => bottom > 0 && top < height);
  return inSight.map(({ seq, top }) => [seq, Math.round(top)]);
}

describe.each([
  { screen: "a phone, to its beginning", viewport: phone, ways: ["up"] },
  { screen: "a desktop, to its beginning and back", viewport: desktop, ways: ["up", "down"] },
] as const)("on $screen", ({ viewport, ways }) => {
  it("every message passes by once, in its order, without a gap or a jump", async (test) => {
    const page = await openPage(test, browser(), system(), { viewport, path: `/tasks/${taskId}` });
    const feed = conversation(page);
    await expectSeen(feed.getByText(`tick ${numbers}`, { exact: true }));
    await untilStill(feed);
    const told = Array.from({ length: numbers }, (_, index) => index + 1);
    for (const way of ways) {
      const { faults, texts, seqs } = await scrollThrough(feed, way);
      expect(faults).toEqual([]);
      expect(texts.flatMap((text) => numbersIn(text))).toEqual(told);
      expect(seqs[0]).toBe(1);
    }
  });
});
