import type { NodeId } from "@sam/domain/ids";
import { expect, it } from "vitest";

import { savedFact, savedNext } from "./saved-words.ts";

const now = 10_000_000;
const hourMs = 3_600_000;

const nodeId = "node_01J0000000000000000000000B" as NodeId;
const delivered = { cause: "continued", askedAt: now, detail: null } as const;

it("saved work that was delivered is at the remote until its time is over, and says when that is", () => {
  const forget = { ...delivered, dueAt: now + hourMs, tries: 0 };
  const work = { place: "remote", forget, isKept: false, nodeId } as const;
  expect(savedFact(work, now).word).toBe("at the remote");
  expect(savedNext(work, now)).toBe("It goes in 1 h, since it was delivered.");
});

it("saved work whose time is over is being removed, by whichever machine is connected", () => {
  const forget = { ...delivered, dueAt: now + 2 * hourMs, tries: 1 };
  const work = { place: "remote", forget, isKept: false, nodeId } as const;
  expect(savedFact(work, now + hourMs).word).toBe("at the remote, being removed");
  expect(savedNext(work, now + hourMs)).toBe(
    "It goes when a machine of yours that is connected has removed it, since it was delivered.",
  );
});
