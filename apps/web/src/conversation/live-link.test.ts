import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { LiveLink, type LinkState, pingIntervalMs, pongTimeoutMs } from "./live-link.ts";

/** A socket whose network can be silent: closing it tells nobody, as a browser does. */
class FakeSocket extends EventTarget {
  readonly OPEN = 1;
  readyState = 1;
  readonly sent: string[] = [];

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.readyState = 3;
  }

  hears(text: string): void {
    this.dispatchEvent(new MessageEvent("message", { data: text }));
  }

  breaks(): void {
    this.readyState = 3;
    this.dispatchEvent(new Event("close"));
  }
}

function world() {
  const sockets: FakeSocket[] = [];
  const states: LinkState[] = [];
  const frames: string[] = [];
  const link = new LiveLink({
    dial: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
    random: () => 0.5,
    onFrame: (text) => void frames.push(text),
    onState: (state) => void states.push(state),
  });
  return {
    link,
    sockets,
    states,
    frames,
    socket: () => sockets.at(-1) ?? new FakeSocket(),
    state: () => states.at(-1),
  };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a live link", () => {
  it("is live once it has heard something, and hands on every frame but pongs", () => {
    const { link, socket, state, frames } = world();
    link.start();
    expect(state()).toMatchObject({ kind: "dialling" });
    socket().hears("one");
    socket().hears("pong");
    socket().hears("two");
    expect(state()).toMatchObject({ kind: "live" });
    expect(frames).toEqual(["one", "two"]);
  });

  it("asks every 20 s whether it is heard, and goes on while it is", () => {
    const { link, sockets, socket } = world();
    link.start();
    socket().hears("{}");
    for (let asked = 1; asked <= 10; asked += 1) {
      vi.advanceTimersByTime(pingIntervalMs);
      expect(socket().sent).toHaveLength(asked);
      socket().hears("pong");
    }
    expect(sockets).toHaveLength(1);
  });

  it("closes a socket that stays open and does not answer, and dials again", () => {
    const { link, sockets, socket, state, frames } = world();
    link.start();
    const [first] = sockets;
    first?.hears("{}");
    vi.advanceTimersByTime(pingIntervalMs + pongTimeoutMs);
    expect(state()).toMatchObject({ kind: "waiting", attempt: 1 });
    expect(first?.readyState).toBe(3);
    vi.advanceTimersByTime(1_000);
    expect(sockets).toHaveLength(2);
    first?.hears("too late");
    socket().hears("now");
    expect(frames).toEqual(["{}", "now"]);
  });

  it("waits longer with each failure, never for ever, and not after it was live again", () => {
    const { link, socket, states } = world();
    link.start();
    const delays: number[] = [];
    for (let failure = 0; failure < 8; failure += 1) {
      socket().breaks();
      const state = states.at(-1);
      if (state?.kind === "waiting") delays.push(state.dialsAt - Date.now());
      vi.advanceTimersByTime(delays.at(-1) ?? 0);
    }
    expect(delays).toEqual([375, 750, 1_500, 3_000, 6_000, 11_250, 11_250, 11_250]);
    socket().hears("{}");
    socket().breaks();
    expect(states.at(-1)).toMatchObject({ kind: "waiting", attempt: 1, dialsAt: Date.now() + 375 });
  });

  it("knows since when contact is lost, over all the dials in between", () => {
    const { link, socket, states } = world();
    link.start();
    socket().hears("{}");
    const lostAt = Date.now();
    for (let failure = 0; failure < 4; failure += 1) {
      socket().breaks();
      vi.advanceTimersByTime(20_000);
    }
    expect(states.at(-1)).toMatchObject({ lostAt });
  });

  it("gives up a dial that nobody answers", () => {
    const { link, sockets, state } = world();
    link.start();
    vi.advanceTimersByTime(10_000);
    expect(state()).toMatchObject({ kind: "waiting" });
    vi.advanceTimersByTime(1_000);
    expect(sockets).toHaveLength(2);
  });

  it("dials at once when it is woken, and asks at once where it is live", () => {
    const { link, sockets, socket } = world();
    link.start();
    for (let failure = 0; failure < 6; failure += 1) {
      socket().breaks();
      vi.advanceTimersByTime(15_000);
    }
    socket().breaks();
    const dialled = sockets.length;
    link.wake();
    expect(sockets).toHaveLength(dialled + 1);
    socket().hears("{}");
    link.wake();
    expect(socket().sent).toEqual(["ping"]);
    vi.advanceTimersByTime(pongTimeoutMs + 500);
    expect(sockets).toHaveLength(dialled + 2);
  });

  it("leaves nothing behind when it is stopped", () => {
    const { link, sockets, socket } = world();
    link.start();
    socket().hears("{}");
    link.stop();
    expect(socket().readyState).toBe(3);
    expect(vi.getTimerCount()).toBe(0);
    socket().breaks();
    vi.advanceTimersByTime(100_000);
    expect(sockets).toHaveLength(1);
    link.start();
    expect(sockets).toHaveLength(2);
  });
});
