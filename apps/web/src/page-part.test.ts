import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { fetchPart } from "./page-part.ts";

const stored = new Map<string, string>();
const reload = vi.fn<() => void>();
let isCut = false;
let asked = 0;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  stored.clear();
  reload.mockReset();
  [isCut, asked] = [false, 0];
  vi.stubGlobal("window", { location: { reload } });
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
  });
  vi.stubGlobal("fetch", async () => {
    asked += 1;
    if (isCut) throw new TypeError("Failed to fetch");
    return { ok: true };
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const gone = () => Promise.reject(new TypeError("Failed to fetch dynamically imported module"));

it("a part that is there is fetched, and nobody else is asked", async () => {
  expect(await fetchPart(async () => "part")).toBe("part");
  expect(asked).toBe(0);
});

it("while the network is gone the part is waited for, and the page is not touched", async () => {
  isCut = true;
  const part = fetchPart(() => (isCut ? gone() : Promise.resolve("part")));
  await vi.advanceTimersByTimeAsync(30_000);
  expect(asked).toBeGreaterThan(10);
  isCut = false;
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await part).toBe("part");
  expect(reload).not.toHaveBeenCalled();
});

it("a server that comes back between the two is believed", async () => {
  let tries = 0;
  const part = fetchPart(async () => {
    tries += 1;
    return tries === 1 ? gone() : "part";
  });
  expect(await part).toBe("part");
  expect(reload).not.toHaveBeenCalled();
});

it("a part that is gone has the page loaded again, once a minute, and is an error otherwise", async () => {
  reload.mockImplementation(() => {
    // As the browser would: nothing of this page goes on.
    isCut = true;
  });
  void fetchPart(gone);
  await vi.advanceTimersByTimeAsync(10);
  expect(reload).toHaveBeenCalledOnce();
  isCut = false;
  await expect(fetchPart(gone)).rejects.toThrow("dynamically imported");
  expect(reload).toHaveBeenCalledOnce();
});
