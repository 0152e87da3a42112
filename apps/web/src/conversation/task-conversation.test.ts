import { chance, type Chance } from "@sam/domain/testing/seeded";
import type { Message } from "@sam/protocol/message";
import { describe, expect, it, vi } from "vitest";

import { type PageQuery, TaskConversation } from "./task-conversation.ts";
import { drawnConversation, messages, note } from "./testing/messages.ts";

/** A control plane with one conversation. Pages are cut by size, too, and may fail. */
class Server {
  readonly all: readonly Message[];
  readonly asked: PageQuery[] = [];
  stored: number;
  /** Throws where the next answer fails. */
  fails: () => boolean = () => false;
  cut = 500;

  constructor(all: readonly Message[], stored = all.length) {
    this.all = all;
    this.stored = stored;
  }

  readonly fetchPage = async (query: PageQuery) => {
    this.asked.push(query);
    await Promise.resolve();
    if (this.fails()) throw new Error("no answer");
    const there = this.all.slice(0, this.stored);
    const size = Math.min(query.limit, this.cut);
    const page =
      "before" in query
        ? there.filter(({ seq }) => seq < query.before).slice(-size)
        : there.filter(({ seq }) => seq > query.after).slice(0, size);
    return { messages: page, lastSeq: this.stored };
  };
}

function conversationWith(server: Server) {
  const frames: (() => void)[] = [];
  const waits: { readonly delayMs: number; readonly callback: () => void }[] = [];
  const conversation = new TaskConversation({
    fetchPage: server.fetchPage,
    nextFrame: (callback) => void frames.push(callback),
    later: (delayMs, callback) => void waits.push({ delayMs, callback }),
    now: () => 1_000,
  });
  const paint = () => frames.splice(0).forEach((callback) => callback());
  const shown = () => {
    paint();
    return conversation.snapshot();
  };
  /** Time passes until what waits is done. @returns how long each waited. */
  const wait = () =>
    waits.splice(0).map(({ delayMs, callback }) => {
      callback();
      return delayMs;
    });
  return { conversation, shown, paint, wait };
}

const notes = (length: number) => messages(Array.from({ length }, (_, index) => note(`${index + 1}`)));
const seqsOf = ({ items }: ReturnType<TaskConversation["snapshot"]>) => items.map(({ seq }) => seq);
const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("the conversation of a task", () => {
  it("opens from its end, and goes back page by page to its start", async () => {
    const { conversation, shown } = conversationWith(new Server(notes(900)));
    expect(shown()).toMatchObject({ isOpen: false, reachesStart: false });
    await conversation.open();
    expect(seqsOf(shown())).toEqual(upTo(751, 900));
    expect(conversation.heldSeq).toBe(900);
    await conversation.loadOlder();
    expect(shown()).toMatchObject({ reachesStart: false });
    await conversation.loadOlder();
    expect(seqsOf(shown())).toEqual(upTo(1, 900));
    expect(shown().reachesStart).toBe(true);
    await conversation.loadOlder();
  });

  it("is open, with nothing older, where nothing was said yet", async () => {
    const { conversation, shown } = conversationWith(new Server([]));
    await conversation.open();
    expect(shown()).toMatchObject({ isOpen: true, reachesStart: true, items: [] });
  });

  it("loads down to a message that a link names", async () => {
    const { conversation, shown } = conversationWith(new Server(notes(3_000)));
    await conversation.open();
    await conversation.loadTo(1_400);
    expect(shown().items[0]?.seq).toBeLessThanOrEqual(1_400);
    expect(shown().reachesStart).toBe(false);
  });

  it("asks for an older page once, however often it is wished for", async () => {
    const server = new Server(notes(900));
    const { conversation } = conversationWith(server);
    await conversation.open();
    await Promise.all([conversation.loadOlder(), conversation.loadOlder(), conversation.loadOlder()]);
    expect(server.asked).toHaveLength(2);
  });

  it("shows a gap in the stream, asks for what is missing, and closes it", async () => {
    const server = new Server(notes(900), 100);
    const { conversation, shown } = conversationWith(server);
    await conversation.open();
    server.stored = 130;
    conversation.take(server.all.slice(119, 130));
    expect(shown().items.find(({ kind }) => kind === "gap")).toMatchObject({ missing: 19 });
    await vi.waitUntil(() => seqsOf(shown()).length === 130);
    expect(server.asked.at(-1)).toEqual({ after: 100, limit: 19 });
  });

  it("says of a gap that cannot be fetched why, and when it is asked for again, and closes it by itself", async () => {
    const server = new Server(notes(900), 100);
    const { conversation, shown, wait } = conversationWith(server);
    await conversation.open();
    server.stored = 130;
    server.fails = () => true;
    conversation.take(server.all.slice(119, 130));
    await vi.waitUntil(() => shown().gapFailure !== null);
    expect(shown().gapFailure).toEqual({ error: new Error("no answer"), retryAt: 2_000 });
    // Nothing older was asked for: the list says nothing of it.
    expect(shown().failure).toBeNull();
    expect(wait()).toEqual([1_000]);
    expect(shown().gapFailure).toBeNull();
    await vi.waitUntil(() => shown().gapFailure !== null);
    server.fails = () => false;
    expect(wait()).toEqual([2_000]);
    await vi.waitUntil(() => seqsOf(shown()).length === 130);
    expect(shown()).toMatchObject({ gapFailure: null });
    expect(seqsOf(shown())).toEqual(upTo(1, 130));
  });

  it("is asked for at once where somebody wishes it, and not for ever where nobody does", async () => {
    const server = new Server(notes(900), 100);
    const { conversation, shown, wait } = conversationWith(server);
    await conversation.open();
    server.stored = 130;
    server.fails = () => true;
    conversation.take(server.all.slice(119, 130));
    for (let tries = 0; tries < 20; tries += 1) {
      await vi.waitUntil(() => shown().gapFailure !== null);
      for (const delayMs of wait()) expect(delayMs).toBeLessThanOrEqual(15_000);
    }
    await vi.waitUntil(() => shown().gapFailure?.retryAt === null);
    expect(wait()).toEqual([]);
    server.fails = () => false;
    conversation.retry();
    await vi.waitUntil(() => seqsOf(shown()).length === 130);
    expect(shown()).toMatchObject({ gapFailure: null });
  });

  it("that was asked for by hand in vain still says when it is asked for again by itself", async () => {
    const server = new Server(notes(900), 100);
    const { conversation, shown } = conversationWith(server);
    await conversation.open();
    server.stored = 130;
    server.fails = () => true;
    conversation.take(server.all.slice(119, 130));
    await vi.waitUntil(() => shown().gapFailure !== null);
    conversation.retry();
    expect(shown().gapFailure).toBeNull();
    await vi.waitUntil(() => shown().gapFailure !== null);
    expect(shown().gapFailure).toEqual({ error: new Error("no answer"), retryAt: 2_000 });
  });

  it("knows by the stream's own word that its end is missing, shows it, and fetches it", async () => {
    const server = new Server(notes(900), 100);
    const { conversation, shown } = conversationWith(server);
    await conversation.open();
    conversation.heard(100);
    expect(server.asked).toHaveLength(1);
    server.stored = 107;
    conversation.heard(107);
    expect(shown().items.at(-1)).toMatchObject({ kind: "gap", seq: 101, lastSeq: 107, missing: 7 });
    await vi.waitUntil(() => seqsOf(shown()).length === 107);
    expect(server.asked.at(-1)).toEqual({ after: 100, limit: 7 });
    expect(shown().items.some(({ kind }) => kind === "gap")).toBe(false);
  });

  it("tells of many frames once, before the next paint", async () => {
    const server = new Server(notes(200), 10);
    const { conversation, paint } = conversationWith(server);
    await conversation.open();
    paint();
    const told = vi.fn();
    conversation.subscribe(told);
    for (const message of server.all.slice(10, 60)) conversation.take([message]);
    expect(told).not.toHaveBeenCalled();
    paint();
    expect(told).toHaveBeenCalledOnce();
    paint();
    expect(told).toHaveBeenCalledOnce();
  });

  it("keeps what it has where an older page fails, says so, and takes it when asked again", async () => {
    const server = new Server(notes(300));
    const { conversation, shown } = conversationWith(server);
    await conversation.open();
    server.fails = () => true;
    await expect(conversation.loadOlder()).rejects.toThrow("no answer");
    expect(shown().items).toHaveLength(150);
    expect(shown().failure).toBeInstanceOf(Error);
    server.fails = () => false;
    await conversation.loadOlder();
    expect(shown()).toMatchObject({ reachesStart: true, failure: null });
  });

  it.each(Array.from({ length: 60 }, (_, seed) => seed))(
    "comes to exactly what was said, through cut streams, lost frames, repetitions and failures (seed %i)",
    async (seed) => {
      const drawn = chance(seed);
      const server = new Server(drawnConversation(drawn, 400), 60 + drawn.below(100));
      server.cut = 20 + drawn.below(80);
      const { conversation, shown } = conversationWith(server);
      await conversation.open();
      server.fails = () => drawn.next() < 0.2;
      while (server.stored < server.all.length) await live(drawn, server, conversation);
      server.fails = () => false;
      // The link dials again and is told everything after what is held; the reader goes back to the start.
      conversation.take(server.all.slice(conversation.heldSeq));
      await vi.waitUntil(async () => {
        conversation.retry();
        await conversation.loadOlder();
        return shown().reachesStart && shown().items.every(({ kind }) => kind !== "gap");
      });
      const whole = conversationWith(new Server(server.all));
      await whole.conversation.open();
      await whole.conversation.loadOlder();
      expect(shown().items.map(({ key: _, ...item }) => item)).toEqual(
        whole.shown().items.map(({ key: _, ...item }) => item),
      );
    },
  );
});

/** A moment of a bad connection. */
async function live(drawn: Chance, server: Server, conversation: TaskConversation): Promise<void> {
  const from = server.stored;
  server.stored = Math.min(server.all.length, server.stored + 1 + drawn.below(20));
  const fresh = server.all.slice(from, server.stored);
  const luck = drawn.next();
  if (luck < 0.5) conversation.take(fresh);
  else if (luck < 0.6) conversation.take(fresh.slice(1 + drawn.below(3)));
  else if (luck < 0.7) conversation.take(server.all.slice(conversation.heldSeq, server.stored));
  else if (luck < 0.8) conversation.take(server.all.slice(Math.max(0, from - 10), server.stored));
  else if (luck < 0.9) await conversation.loadOlder().catch(() => undefined);
}
