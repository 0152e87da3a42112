/**
 * The globals that the real code asks for the time, for timers and for chance, replaced by the world's, so that it runs
 * unchanged and a seed gives the same schedule each time.
 */
import { createHash } from "node:crypto";
import diagnostics, { type ChannelListener } from "node:diagnostics_channel";
import { createRequire, syncBuiltinESMExports } from "node:module";

import type { Chance } from "@sam/domain/testing/seeded";

import { inScene, sceneNow } from "./life.ts";
import type { Timer, VirtualTime } from "./virtual-time.ts";

/** What stands for a timer, with as much of Node's as the real code uses. */
class TimerHandle {
  timer: Timer | null = null;
  isCleared = false;
  unref(): this {
    return this;
  }
}

interface Current {
  readonly time: VirtualTime;
  readonly chance: Chance;
}

let current: Current | null = null;

function world(): Current {
  if (current === null) throw new Error("no world is running");
  return current;
}

/** A request, with as much of the platform's as the real adapters use: a platform's own costs more than a whole call here. */
class PlainRequest {
  readonly url: string;
  readonly method: string;
  readonly #body: string;

  constructor(url: string, { method = "GET", body = "" }: { readonly method?: string; readonly body?: string } = {}) {
    this.url = url;
    this.method = method;
    this.#body = body;
  }

  text(): Promise<string> {
    return Promise.resolve(this.#body);
  }
}

/** From now on the globals are those of this world. */
export function enterWorld(time: VirtualTime, chance: Chance): void {
  current = { time, chance };
  for (const [name, listener] of listening) unsubscribe(name, listener);
  listening = [];
}

/** Who listens to Node's own news; whoever dies in a world does not say that it listens no more. */
let listening: (readonly [name: string | symbol, listener: ChannelListener])[] = [];
const { subscribe, unsubscribe } = diagnostics;

function start(callback: (...args: unknown[]) => void, delayMs: number, isRepeated: boolean, args: unknown[]) {
  const scene = sceneNow();
  const { time } = world();
  const handle = new TimerHandle();
  const arm = () => {
    handle.timer = time.after(Math.max(isRepeated ? 1 : 0, delayMs), () => {
      if (handle.isCleared || scene?.life.isOver === true) return;
      if (isRepeated) arm();
      inScene(scene, () => callback(...args));
    });
  };
  arm();
  return handle;
}

function clear(handle: unknown): void {
  if (!(handle instanceof TimerHandle)) return;
  handle.isCleared = true;
  if (handle.timer !== null) world().time.cancel(handle.timer);
}

type Callback = (...args: unknown[]) => void;

/** Replaces them, once for this process. */
export function installGlobals(): void {
  const now = () => {
    const { time } = world();
    return Math.floor(time.now + (sceneNow()?.life.clockAheadMs() ?? 0));
  };
  Date.now = now;
  performance.now = () => world().time.now;
  Math.random = () => world().chance.next();
  const timers = {
    setTimeout: (callback: Callback, delayMs = 0, ...args: unknown[]) => start(callback, delayMs, false, args),
    setInterval: (callback: Callback, delayMs = 0, ...args: unknown[]) => start(callback, delayMs, true, args),
    setImmediate: (callback: Callback, ...args: unknown[]) => start(callback, 0, false, args),
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate: clear,
  };
  for (const [name, value] of Object.entries(timers)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  const getRandomValues = (bytes: Uint8Array) => {
    for (let index = 0; index < bytes.length; index += 1) bytes[index] = world().chance.below(256);
    return bytes;
  };
  const digest = (_algorithm: string, data: Uint8Array) =>
    Promise.resolve(new Uint8Array(createHash("sha256").update(data).digest()).buffer);
  Object.defineProperty(crypto, "getRandomValues", { value: getRandomValues });
  Object.defineProperty(crypto.subtle, "digest", { value: digest });
  Object.defineProperty(globalThis, "Request", { value: PlainRequest, configurable: true, writable: true });
  diagnostics.subscribe = (name, listener) => {
    listening.push([name, listener]);
    subscribe(name, listener);
  };
  replaceRandomUuid();
}

function replaceRandomUuid(): void {
  const word = () =>
    Math.floor(world().chance.next() * 0x1_0000)
      .toString(16)
      .padStart(4, "0");
  const randomUUID = () =>
    `${word()}${word()}-${word()}-4${word().slice(1)}-8${word().slice(1)}-${word()}${word()}${word()}`;
  const nodeCrypto: unknown = createRequire(import.meta.url)("node:crypto");
  if (typeof nodeCrypto === "object" && nodeCrypto !== null) Reflect.set(nodeCrypto, "randomUUID", randomUUID);
  syncBuiltinESMExports();
}
