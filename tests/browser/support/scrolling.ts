/**
 * Scrolls through a conversation as fast as a wheel that is turned without a pause, and looks at what is painted as an eye
 * would: what is in sight is whole and in its order, and moves by as much as was scrolled, whatever is loaded and measured
 * meanwhile.
 */
import type { Locator } from "playwright-core";

import type { PageElement } from "./page-element.ts";

export interface Passed {
  /** The first messages of the rows that passed by, in the order of the page. */
  readonly seqs: readonly number[];
  /** The words of each of them. */
  readonly texts: readonly string[];
  /** What an eye would have stumbled over. */
  readonly faults: readonly string[];
}

/** Two notches of a wheel, and less than what is kept ready above and below what is in sight. */
const stepPixels = 240;

declare function requestAnimationFrame(callback: () => void): number;

/** @returns all that passed by on the way to the beginning of the conversation, or to its end. */
export function scrollThrough(feed: Locator, direction: "up" | "down"): Promise<Passed> {
  return feed.evaluate(scrollInPage, direction === "up" ? -stepPixels : stepPixels);
}

/** Runs in the page, and knows nothing of what stands outside of it. */
async function scrollInPage(feed: PageElement, step: number): Promise<Passed> {
  interface Row {
    readonly seq: number;
    readonly top: number;
    readonly bottom: number;
  }
  const texts = new Map<number, string>();
  const faults: string[] = [];
  const height = feed.clientHeight;
  /** Above the first message. */
  const edge = 17;
  const atStart = () => feed.scrollTop <= 1;
  const atEnd = () => feed.scrollTop + feed.clientHeight >= feed.scrollHeight - 1;
  // What is measured in a frame is set right before it is painted: a task of its own comes after that.
  const painted = () =>
    new Promise<void>((resolve) => {
      requestAnimationFrame(() => setTimeout(resolve));
    });
  const look = (): readonly Row[] => {
    const frame = feed.getBoundingClientRect();
    const rows = [...feed.querySelectorAll("article")].map((article) => {
      const seq = Number(article.id.replace("seq-", ""));
      if (!texts.has(seq)) texts.set(seq, article.innerText);
      const { top, bottom } = article.getBoundingClientRect();
      return { seq, top: top - frame.top, bottom: bottom - frame.top };
    });
    // oxlint-disable-next-line unicorn/no-array-sort -- the page's own array, made just now
    return rows.sort((one, other) => one.top - other.top).filter(({ top, bottom }) => bottom > 0 && top < height);
  };
  const judge = (before: readonly Row[], now: readonly Row[], scrolled: number) => {
    const where = `at ${Math.round(feed.scrollTop)} of ${feed.scrollHeight}`;
    const [first, last] = [now[0], now.at(-1)];
    if (first === undefined || last === undefined) return void faults.push(`nothing is in sight ${where}`);
    for (const [index, row] of now.entries()) {
      const next = now[index + 1];
      if (next === undefined) continue;
      if (next.seq <= row.seq) faults.push(`${next.seq} stands below ${row.seq} ${where}`);
      if (Math.abs(next.top - row.bottom) > 1.5) faults.push(`${row.seq} and ${next.seq} do not join ${where}`);
    }
    if (first.top > 1 && first.top + feed.scrollTop > edge) faults.push(`there is a gap above ${first.seq} ${where}`);
    if (last.bottom < height - 1 && !atEnd()) faults.push(`there is a gap below ${last.seq} ${where}`);
    const known = new Map(before.map((row) => [row.seq, row]));
    if (!now.some(({ seq }) => known.has(seq))) faults.push(`nothing of what was in sight is there ${where}`);
    for (const { seq, top, bottom } of now) {
      const was = known.get(seq);
      if (was === undefined) continue;
      // What changes at its head, such as by what now stands above it, stands still nevertheless.
      const off = Math.min(Math.abs(top - was.top + scrolled), Math.abs(bottom - was.bottom + scrolled));
      if (off > 2) faults.push(`${seq} is ${Math.round(off)} off where ${scrolled} were scrolled ${where}`);
    }
  };
  let before = look();
  for (let idle = 0; idle < 600 && faults.length < 5;) {
    const from = feed.scrollTop;
    feed.scrollTop += step;
    const scrolled = feed.scrollTop - from;
    await painted();
    const now = look();
    judge(before, now, scrolled);
    before = now;
    if (step < 0 ? !atStart() : !atEnd()) idle = 0;
    else if (step > 0 || feed.getAttribute("aria-busy") === "false") break;
    else idle += 1;
  }
  const seqs = [...texts.keys()].toSorted((one, other) => one - other);
  return { seqs, texts: seqs.map((seq) => texts.get(seq) ?? ""), faults };
}
