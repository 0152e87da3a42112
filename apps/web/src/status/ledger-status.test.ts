import type { LedgerEntryView } from "@sam/protocol/ledger-api";
import { describe, expect, it } from "vitest";

import { nextWords, statusOfEntry } from "./ledger-status.ts";

const entry: LedgerEntryView = {
  kind: "server",
  id: "srv-1",
  name: "node-1",
  status: "running",
  verdict: "unowned",
  why: "there is no such node",
  nodeId: null,
  installation: null,
  attachedTo: null,
  createdAt: 1,
  sizeBytes: null,
  firstSeenAt: 1,
  unownedSince: 2,
  missingSince: null,
  destroyAt: 3,
  triedAt: null,
  tries: 0,
  lastError: null,
  mayDestroy: true,
};

describe("a thing of the ledger", () => {
  it("is red where it costs money with no owner, or is not ours, and that is said in words, too", () => {
    expect(statusOfEntry(entry)).toEqual({ meaning: "failed", word: "ours, no node's", since: 2 });
    for (const verdict of ["foreign", "untagged"] as const) {
      expect(statusOfEntry({ ...entry, verdict, unownedSince: null }).meaning).toBe("failed");
      expect(nextWords({ ...entry, verdict })).toBe("Not ours, never touched.");
    }
  });

  it("is amber where its owner decides, grey where nobody can say, and never green", () => {
    expect(statusOfEntry({ ...entry, verdict: "kept" }).meaning).toBe("yours");
    expect(statusOfEntry({ ...entry, verdict: "undecided" }).meaning).toBe("unknown");
    expect(statusOfEntry({ ...entry, missingSince: 9 })).toEqual({ meaning: "unknown", word: "not listed", since: 9 });
    expect(statusOfEntry({ ...entry, verdict: "owned" }).meaning).toBe("active");
  });

  it("goes with its server where it belongs to one", () => {
    for (const verdict of ["unowned", "kept"] as const) {
      expect(nextWords({ ...entry, verdict, attachedTo: "srv-2" })).toBe("It goes with its server.");
    }
    expect(nextWords(entry)).toBeNull();
  });

  it("is being destroyed from the time that it was asked for, unless that failed", () => {
    expect(statusOfEntry({ ...entry, triedAt: 7 })).toMatchObject({ word: "being destroyed", since: 7 });
    expect(statusOfEntry({ ...entry, triedAt: 7, lastError: "no" }).word).toBe("ours, no node's");
  });
});
