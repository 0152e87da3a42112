import { chance } from "@sam/domain/testing/seeded";
import { describe, expect, it } from "vitest";

import { MessageLog } from "./message-log.ts";
import { messages, note } from "./testing/messages.ts";
import { shuffled } from "./testing/shuffled.ts";

const all = messages(Array.from({ length: 120 }, (_, index) => note(`${index + 1}`)));
const seqs = (log: MessageLog) => log.messages.map(({ seq }) => seq);
const between = (from: number, to: number) => all.slice(from - 1, to);

describe("a message log", () => {
  it("is opened from its end, and takes older pages before and newer messages behind", () => {
    const log = new MessageLog();
    expect(log.add(between(50, 60))).toBe("appended");
    expect(log.add(between(61, 62))).toBe("appended");
    expect(log.add(between(40, 49))).toBe("inserted");
    expect(seqs(log)).toEqual(between(40, 62).map(({ seq }) => seq));
    expect([log.firstSeq, log.heldSeq, log.reachesStart]).toEqual([40, 62, false]);
    log.add(between(1, 45));
    expect(log.reachesStart).toBe(true);
  });

  it("knows what is missing, until it comes", () => {
    const log = new MessageLog();
    log.add(between(1, 10));
    log.add(between(21, 30));
    log.add(between(15, 16));
    expect(log.gaps).toEqual([
      { after: 10, before: 15 },
      { after: 16, before: 21 },
    ]);
    expect(log.heldSeq).toBe(30);
    log.add(between(8, 22));
    expect(log.gaps).toEqual([]);
    expect(log.messages).toEqual(between(1, 30));
  });

  it("keeps what it holds: a page that tells it again, even otherwise, changes nothing", () => {
    const log = new MessageLog();
    log.add(between(1, 5));
    const told = messages([note("told otherwise")], 3);
    expect(log.add(told)).toBe("nothing");
    expect(log.add([...told, ...between(4, 6)])).toBe("appended");
    expect(log.messages).toEqual(between(1, 6));
  });

  it("knows how far the conversation goes, beyond what it holds", () => {
    const log = new MessageLog();
    log.know(90);
    log.add(between(1, 5));
    expect([log.heldSeq, log.lastSeq]).toEqual([5, 90]);
    log.know(3);
    expect(log.lastSeq).toBe(90);
  });

  it.each(Array.from({ length: 60 }, (_, seed) => seed))(
    "comes to exactly the sequence, whatever order, repetition and cut it arrives in (seed %i)",
    (seed) => {
      const draw = chance(seed);
      const log = new MessageLog();
      const seen = new Set<number>();
      while (seen.size < all.length) {
        const from = draw.below(all.length);
        const batch = all.slice(from, from + 1 + draw.below(25));
        for (const { seq } of batch) seen.add(seq);
        log.add(draw.next() < 0.3 ? shuffled(draw, [...batch, ...batch]) : batch);
        const held = [...seen].toSorted((one, other) => one - other);
        expect(seqs(log)).toEqual(held);
        const missing = log.gaps.reduce((sum, { after, before }) => sum + before - after - 1, 0);
        expect(missing).toBe((held.at(-1) ?? 0) - (held[0] ?? 0) + 1 - held.length);
      }
      expect(log.messages).toEqual(all);
    },
  );
});
