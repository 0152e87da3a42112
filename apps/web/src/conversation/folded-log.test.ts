import { chance } from "@sam/domain/testing/seeded";
import { describe, expect, it } from "vitest";

import { FoldedLog } from "./folded-log.ts";
import { Folding } from "./folding.ts";
import { drawnConversation, messages, says, thinks } from "./testing/messages.ts";
import { shuffled } from "./testing/shuffled.ts";

function foldedAtOnce(all: readonly ReturnType<typeof messages>[number][]) {
  const folding = new Folding();
  for (const message of all) folding.take(message);
  return folding.items;
}

const withoutKeys = (items: FoldedLog["items"]) => items.map(({ key: _, ...item }) => item);

describe("a folded log", () => {
  it.each(Array.from({ length: 80 }, (_, seed) => seed))(
    "shows the same whatever came first: pages, frames, repetitions (seed %i)",
    (seed) => {
      const draw = chance(seed);
      const all = drawnConversation(draw, 150);
      const folded = new FoldedLog();
      const seen = new Set<number>();
      while (seen.size < all.length) {
        const from = draw.below(all.length);
        const batch = all.slice(from, from + 1 + draw.below(60));
        for (const { seq } of batch) seen.add(seq);
        folded.add(draw.next() < 0.2 ? shuffled(draw, batch) : batch);
        const keys = folded.items.map(({ key }) => key);
        expect(new Set(keys).size).toBe(keys.length);
      }
      expect(withoutKeys(folded.items)).toEqual(withoutKeys(foldedAtOnce(all)));
    },
  );

  it("leaves everything as it was, object by object, when an older page is put before it", () => {
    const all = drawnConversation(chance(4), 400);
    const folded = new FoldedLog();
    folded.add(all.slice(200));
    const before = folded.items;
    folded.add(all.slice(0, 200));
    const after = new Set(folded.items);
    // What reaches over the border is told anew: a text, a plan, a call, an answer whose question is here now.
    const changed = before.filter((item) => !after.has(item));
    expect(changed.length).toBeLessThan(12);
    expect(before.length).toBeGreaterThan(60);
  });

  it("keeps the key of a text that turns out to have begun earlier", () => {
    const all = messages([thinks("Hm."), says("One "), says("two "), says("three")]);
    const folded = new FoldedLog();
    folded.add(all.slice(2));
    const [late] = folded.items;
    folded.add(all.slice(0, 2));
    expect(folded.items.map(({ kind }) => kind)).toEqual(["thought", "prose"]);
    expect(folded.items[1]).toMatchObject({ key: late?.key, text: "One two three" });
  });

  it("shows the end of a long text only with its beginning, so that none of its pieces becomes another", () => {
    const pieces = Array.from({ length: 900 }, (_, index) => says(`Paragraph ${index}.\n\n`));
    const all = messages([thinks("Hm."), ...pieces, thinks("So."), says("Done.")]);
    const folded = new FoldedLog();
    folded.add(all.slice(500));
    expect(folded.items.map(({ kind }) => kind)).toEqual(["thought", "prose"]);
    expect(folded.shownSeq).toBe(902);
    folded.add(all.slice(200, 500));
    expect(folded.items).toHaveLength(2);
    folded.add(all.slice(0, 200));
    expect(folded.items.length).toBeGreaterThan(4);
    expect(withoutKeys(folded.items)).toEqual(withoutKeys(foldedAtOnce(all)));
  });

  it("shows the end of a text where nothing else is held, and goes on showing it", () => {
    const pieces = Array.from({ length: 900 }, (_, index) => says(`Paragraph ${index}.\n\n`));
    const all = messages([thinks("Hm."), ...pieces]);
    const folded = new FoldedLog();
    folded.add(all.slice(800));
    const before = folded.items;
    expect(before.length).toBeGreaterThan(0);
    folded.add(all.slice(300, 800));
    expect(folded.items).toEqual(before);
    folded.add(all.slice(0, 300));
    expect(withoutKeys(folded.items)).toEqual(withoutKeys(foldedAtOnce(all)));
  });

  it("changes only the last item when a word is added", () => {
    const all = drawnConversation(chance(9), 300);
    const folded = new FoldedLog();
    folded.add(all.slice(0, 299));
    folded.add(messages([says("a word", 99)], 300));
    const before = folded.items;
    folded.add(messages([says(" more", 99)], 301));
    expect(folded.items.slice(0, -1)).toEqual(before.slice(0, -1));
    expect(folded.items.slice(0, -1).every((item, index) => item === before[index])).toBe(true);
    expect(folded.items.at(-1)).toMatchObject({ text: "a word more" });
  });

  it("shows where messages are missing, and how many", () => {
    const all = messages([says("a"), says("b"), says("c"), says("d")]);
    const folded = new FoldedLog();
    folded.add(all.slice(0, 1));
    folded.add(all.slice(3));
    expect(folded.items.map(({ kind }) => kind)).toEqual(["prose", "gap", "prose"]);
    expect(folded.items[1]).toMatchObject({ missing: 2 });
    folded.add(all.slice(1, 3));
    expect(folded.items).toHaveLength(1);
    expect(folded.items[0]).toMatchObject({ text: "abcd" });
  });
});
