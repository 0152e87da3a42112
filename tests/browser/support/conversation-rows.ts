/**
 * The conversation as the page shows it, row by row, read by scrolling through it from its beginning to its end: each
 * row by the number of its first message, by whose it is, and by its words.
 */
import type { Message } from "@sam/protocol/message";
import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";

import { until } from "../../system/support/until.ts";
import type { PageElement } from "./page-element.ts";
import { conversation } from "./task-page.ts";

/** What has not moved for so long stands still. */
const stillMs = 200;

export interface ShownRow {
  /** Of its first message. */
  readonly seq: number;
  /** As it is read aloud, such as "SAM: step running" or "talking: message". */
  readonly label: string;
  readonly text: string;
}

/** What is there of the feed at one moment, from above to below, and where. */
export interface Sight {
  readonly rows: readonly (ShownRow & { readonly top: number; readonly bottom: number })[];
  readonly scrollTop: number;
  readonly scrollHeight: number;
  readonly height: number;
}

declare function requestAnimationFrame(callback: () => void): number;

/** Runs in the page. */
function lookAtFeed(feed: PageElement): Sight {
  const frame = feed.getBoundingClientRect();
  const articles = [...feed.querySelectorAll("article")];
  const rows = articles.map((article) => {
    const box = article.getBoundingClientRect();
    return {
      seq: Number(article.id.replace("seq-", "")),
      label: article.querySelector('[role="group"]')?.getAttribute("aria-label") ?? "",
      text: article.innerText,
      top: box.top - frame.top,
      bottom: box.bottom - frame.top,
    };
  });
  rows.sort((one, other) => one.top - other.top);
  const { scrollTop, scrollHeight, clientHeight } = feed;
  return { rows, scrollTop, scrollHeight, height: clientHeight };
}

export function sightOf(feed: Locator): Promise<Sight> {
  return feed.evaluate(lookAtFeed);
}

/** Scrolls through the whole of it, a screen at a time. @returns every row, in the order of the page. */
export async function readThrough(page: Page): Promise<readonly ShownRow[]> {
  const feed = conversation(page);
  const rows = new Map<number, ShownRow>();
  await goToBeginning(feed);
  for (;;) {
    const sight = await sightOf(feed);
    for (const { seq, label, text } of sight.rows) rows.set(seq, { seq, label, text });
    if (sight.scrollTop + sight.height >= sight.scrollHeight - 1) return [...rows.values()];
    await scrollTo(feed, sight.scrollTop + sight.height);
  }
}

/** Waits until nothing moves in it any more: all that is in sight is loaded, set and measured. */
export async function untilStill(feed: Locator): Promise<Sight> {
  let before = "";
  return until(
    "the conversation stands still",
    async () => {
      // A page that is too busy to paint has measured nothing since the last look, and only seems to stand still.
      await untilPainted(feed);
      const sight = await sightOf(feed);
      const now = JSON.stringify([sight.rows.map(({ seq, top }) => [seq, top]), sight.scrollTop]);
      const isStill = now === before;
      before = now;
      return isStill && sight.rows.length > 0 ? sight : null;
    },
    { intervalMs: stillMs },
  );
}

/** Scrolls up until nothing older comes any more. */
export async function goToBeginning(feed: Locator): Promise<void> {
  await until("the beginning of the conversation is there", async () => {
    await scrollTo(feed, 0);
    const { scrollTop } = await sightOf(feed);
    return scrollTop === 0 && (await feed.getAttribute("aria-busy")) === "false";
  });
}

/** Scrolls, and waits until that is painted. */
export async function scrollTo(feed: Locator, top: number): Promise<void> {
  await feed.evaluate((element: PageElement, wanted: number) => {
    element.scrollTop = wanted;
  }, top);
  await untilPainted(feed);
}

function untilPainted(feed: Locator): Promise<void> {
  return feed.evaluate(
    () =>
      new Promise<void>((resolve) => {
        requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
      }),
  );
}

/** @returns the numbers that the talking agent counts its words by, as they stand in a text. */
export function numbersIn(text: string, name = "tick"): readonly number[] {
  return [...text.matchAll(new RegExp(`\\b${name} (\\d+)\\b`, "g"))].map(([, digits]) => Number(digits));
}

/** Of the conversation as the API has it: what of SAM and of the person stands in a row of its own. */
function ownRows(messages: readonly Message[]): readonly number[] {
  const own = messages.filter(({ author, body }) => author !== "agent" && body.kind !== "permission_settled");
  return own.map(({ seq }) => seq);
}

/**
 * The page shows what the API had before: each message once and in its place, none lost and none made up. A conversation
 * may go on after its task's end (a receipt comes in), so rows behind the last of these messages are left out.
 */
export function expectSameConversation(all: readonly ShownRow[], messages: readonly Message[], name = "tick"): void {
  const rows = rowsUpTo(all, messages);
  const seqs = rows.map(({ seq }) => seq);
  expect(seqs, "rows stand in the order of their messages").toEqual(seqs.toSorted((a, b) => a - b));
  expect(rows.filter(({ label }) => /^(SAM: |You$)/.test(label)).map(({ seq }) => seq)).toEqual(ownRows(messages));
  const told = messages.flatMap(({ body }) =>
    body.kind === "agent_update" ? numbersIn(textOf(body.update), name) : [],
  );
  const shown = rows.filter(({ label }) => /: (message|tool call)$/.test(label));
  expect(shown.flatMap(({ text }) => numbersIn(text, name))).toEqual(told);
}

export function rowsUpTo(rows: readonly ShownRow[], messages: readonly Message[]): readonly ShownRow[] {
  return rows.filter(({ seq }) => seq <= (messages.at(-1)?.seq ?? 0));
}

/** What an update adds to the page: an update of a tool call stands in the call's own row. */
function textOf(update: Record<string, unknown>): string {
  if (update["sessionUpdate"] === "tool_call") return String(update["title"]);
  return update["sessionUpdate"] === "agent_message_chunk" ? JSON.stringify(update["content"]) : "";
}
