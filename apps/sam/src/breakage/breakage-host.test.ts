import { readFileSync } from "node:fs";

import { breakageKinds } from "@sam/domain/breakage";
import { makeId } from "@sam/domain/ids";
import { keptBreakageSchema } from "@sam/protocol/breakage-api";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";

import { type Breakable, BreakageHost } from "./breakage-host.ts";
import { ProviderStall } from "./provider-stall.ts";

const nodeId = makeId("node", "01J00000000000000000000000");

/** What is broken stays so until the test mends it. */
function newHost() {
  const done: string[] = [];
  const mended = Promise.withResolvers<string>();
  const breakIt = (what: string) => {
    done.push(what);
    return mended.promise;
  };
  const breakable: Breakable = {
    killVmAgent: (serverId) => breakIt(`kill ${serverId}`),
    cutNetwork: (serverId, durationMs) => breakIt(`cut ${serverId} for ${durationMs}`),
    killControlPlane: () => breakIt("crash"),
    stallProvider: (durationMs) => breakIt(`stall for ${durationMs}`),
  };
  return { host: new BreakageHost(breakable, () => undefined), done, mended };
}

const orderOf = (kind: string) => JSON.stringify({ kind, nodeId, serverId: "7", durationMs: 1_500, before: "{}" });
const listed = (host: BreakageHost) =>
  z.object({ breakages: z.array(keptBreakageSchema) }).parse(host.handle("GET", "").body).breakages;

describe("what is broken on purpose", () => {
  it.each([
    ["kill_vm_agent", "kill 7", 0],
    ["cut_network", "cut 7 for 1500", 1_500],
    ["restart_control_plane", "crash", 0],
    ["stall_provider", "stall for 1500", 1_500],
  ])("%s is done once, and is over when it works again", async (kind, what, lastsMs) => {
    const { host, done, mended } = newHost();
    expect(host.handle("POST", orderOf(kind)).status).toBe(201);
    await vi.waitUntil(() => done.length > 0);
    expect(done).toEqual([what]);
    const [{ deed }] = z.tuple([keptBreakageSchema]).parse(listed(host));
    expect(deed).toMatchObject({ kind, nodeId, backAt: null });
    expect(deed.endsAt - deed.startedAt).toBe(lastsMs);
    mended.resolve("it is back");
    await vi.waitUntil(() => listed(host)[0]?.deed.seen === "it is back");
    expect(listed(host)[0]?.deed.backAt).toBeGreaterThanOrEqual(deed.startedAt);
  });

  it("is one thing at a time, and what could not be done is said", async () => {
    const { host, mended } = newHost();
    host.handle("POST", orderOf("kill_vm_agent"));
    expect(host.handle("POST", orderOf("cut_network")).status).toBe(409);
    mended.reject(new Error("no VM agent runs there"));
    await vi.waitUntil(() => host.handle("POST", orderOf("cut_network")).status === 201);
    expect(listed(host)[1]?.deed).toMatchObject({ backAt: null, seen: "it failed: no VM agent runs there" });
  });

  it("is refused where it is none of these, or would last for longer than two minutes", () => {
    const { host, done } = newHost();
    expect(host.handle("POST", orderOf("format_disk")).status).toBe(422);
    expect(host.handle("POST", orderOf("cut_network").replace("1500", "120001")).status).toBe(422);
    expect(host.handle("POST", "{").status).toBe(422);
    expect(done).toEqual([]);
  });

  it("keeps what was proven, whatever is proven later", () => {
    const { host } = newHost();
    host.handle("POST", orderOf("kill_vm_agent"));
    const id = listed(host)[0]?.id;
    const proofs = (holds: boolean) => [{ promise: "one", holds, evidence: "seen", at: 1 }];
    host.handle("PUT", JSON.stringify({ id, proofs: proofs(true) }));
    host.handle("PUT", JSON.stringify({ id, proofs: proofs(false) }));
    expect(listed(host)[0]?.proofs).toEqual(proofs(true));
  });
});

it("a stalled provider answers again by itself, and says how much it held back", async () => {
  vi.useFakeTimers();
  try {
    const stall = new ProviderStall();
    await stall.pass();
    const over = stall.begin(3_000);
    let passed = 0;
    const asked = [stall.pass(), stall.pass()].map((pass) => pass.then(() => (passed += 1)));
    await vi.advanceTimersByTimeAsync(2_999);
    expect(passed).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    await Promise.all(asked);
    expect(await over).toBe(2);
    await stall.pass();
  } finally {
    vi.useRealTimers();
  }
});

it("the deployed configuration of the control plane has no way to break anything", () => {
  const deployed = readFileSync(new URL("../../../control/wrangler.jsonc", import.meta.url), "utf8");
  expect(deployed).not.toMatch(/breakage/i);
  expect(breakageKinds).toHaveLength(4);
});
