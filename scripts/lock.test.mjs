import { expect, it } from "vitest";

import { withLock } from "./lock.mjs";

it("gives up after the time that the caller allows, and says that it is held", async () => {
  await withLock("test-held", {}, async () => {
    const waiting = withLock("test-held", { timeoutMs: 20 }, async () => "ran");
    await expect(waiting).rejects.toThrow(/held this lock/);
  });
});

it("lets one in at a time, and says once to each of the others that it waits", async () => {
  let inside = 0;
  let most = 0;
  let waits = 0;
  const visit = () =>
    withLock("test-turns", { onWait: () => (waits += 1) }, async () => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
    });
  await Promise.all([visit(), visit(), visit(), visit()]);
  expect({ inside, most, waits }).toEqual({ inside: 0, most: 1, waits: 3 });
});

it("is free again after its holder has failed", async () => {
  const failing = withLock("test-failed", {}, async () => {
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  expect(await withLock("test-failed", {}, async () => "ran")).toBe("ran");
});
