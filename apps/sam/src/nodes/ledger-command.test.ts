import { makeId } from "@sam/domain/ids";
import type { LedgerEntryView, LedgerView } from "@sam/protocol/ledger-api";
import { describe, expect, it } from "vitest";

import { ledgerLines } from "./ledger-command.ts";

const now = 1_000_000_000_000;
const minuteMs = 60_000;
const nodeId = makeId("node", "01J00000000000000000000000");
const entry: LedgerEntryView = {
  kind: "server",
  id: "srv_1",
  name: "node-1",
  status: "running",
  verdict: "unowned",
  why: `there is no ${nodeId}`,
  nodeId,
  installation: "ours",
  attachedTo: null,
  createdAt: now - 3 * minuteMs,
  sizeBytes: null,
  firstSeenAt: now,
  unownedSince: now,
  missingSince: null,
  destroyAt: now + 12 * minuteMs,
  triedAt: null,
  tries: 0,
  lastError: null,
  mayDestroy: true,
};
const ledger: LedgerView = {
  provider: "local",
  installationId: "ours",
  listedAt: now - 2_000,
  failing: null,
  pollMs: 5 * minuteMs,
  graceMs: 15 * minuteMs,
  entries: [],
  ofOthers: 0,
  unlisted: [],
};
const linesOf = (changes: Partial<LedgerView>) => ledgerLines({ ...ledger, ...changes }, (_, text) => text, now);

describe("sam ledger", () => {
  it("says of each thing what it is, why, and what happens next", () => {
    const other = { ...entry, destroyAt: null, unownedSince: null };
    const lines = linesOf({
      entries: [
        entry,
        { ...other, kind: "disk", id: "disk_1", verdict: "kept", lastError: "no answer", tries: 2 },
        { ...other, id: "srv_2", verdict: "foreign", why: "it carries the tag of another" },
        { ...other, id: "srv_3", missingSince: now - minuteMs },
      ],
    });
    expect(lines).toEqual([
      "local was listed 2 s ago, every 5 m: 4 things",
      "✗ server/srv_1  node-1, running, made 3 m ago",
      `  there is no ${nodeId}; destroyed in 12 m`,
      "▲ disk/disk_1  node-1, running, made 3 m ago",
      `  there is no ${nodeId}; kept until you say so: sam ledger --destroy disk/disk_1`,
      "  ✗ tried 2 times: no answer",
      "✗ server/srv_2  node-1, running, made 3 m ago",
      "  it carries the tag of another; not ours, never touched",
      "✗ server/srv_3  node-1, running, made 3 m ago",
      `  there is no ${nodeId}; not listed since 1 m ago`,
    ]);
  });

  it("says since when the provider cannot be asked, and which node's server it does not list", () => {
    const failing = { since: now - 4 * minuteMs, detail: "timeout" };
    const lines = linesOf({ listedAt: null, failing, unlisted: [{ nodeId, since: now - minuteMs }] });
    expect(lines).toEqual([
      "local was not listed yet, every 5 m: 0 things",
      "○ unknown since 4 m ago: timeout; asked again every minute",
      `▲ ${nodeId}  its server is not listed since 1 m ago; its node asks for it`,
    ]);
  });

  it("lets no provider write to the terminal", () => {
    const [, shown] = linesOf({ entries: [{ ...entry, name: "x\u001b[2Jy\nz" }] });
    expect(shown).not.toMatch(/[\u001b\n]/);
  });
});
