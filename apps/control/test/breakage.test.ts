/**
 * Breaking something on purpose: only where a launcher gives the way, and only for its own person. Anywhere else there is
 * no such route.
 */
import type { NodeId, UserId } from "@sam/domain/ids";
import {
  breakageListSchema,
  breakOrderSchema,
  type BreakOrder,
  type KeptBreakage,
  settledBreakageSchema,
} from "@sam/protocol/breakage-api";
import { systemSchema } from "@sam/protocol/system-api";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import type { z } from "zod";

import type { Env } from "../src/env.ts";
import { api } from "../src/routes.ts";
import { problemOf } from "./support/problem.ts";
import type { Scene } from "./support/scene.ts";
import { connectedIn } from "./support/steps.ts";
import { VmAgentDouble } from "./support/vm-agent-double.ts";
import { eventually, tokenFor } from "./support/world.ts";

/** The launcher's side, which breaks nothing. */
class Launcher {
  readonly orders: BreakOrder[] = [];
  kept: KeptBreakage[] = [];

  readonly fetch = async (_address: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const text = await new Response(init?.body ?? null).text();
    if (init?.method === "PUT") this.#settle(settledBreakageSchema.parse(JSON.parse(text)));
    if (init?.method !== "POST") return Response.json({ breakages: this.kept });
    const order = breakOrderSchema.parse(JSON.parse(text));
    this.orders.push(order);
    const { kind, nodeId, before } = order;
    const startedAt = Date.now();
    const deed = { kind, nodeId, startedAt, endsAt: startedAt, backAt: startedAt, seen: "it was done" };
    const breakage = { id: `b${this.orders.length}`, deed, before, proofs: null };
    this.kept = [breakage, ...this.kept];
    return Response.json({ breakage }, { status: 201 });
  };

  #settle({ id, proofs }: z.infer<typeof settledBreakageSchema>): void {
    this.kept = this.kept.map((breakage) => (breakage.id === id ? { ...breakage, proofs } : breakage));
  }
}

let launcher: Launcher;
let token = "";
let scene: Scene;
let nodeId: NodeId;
let agent: VmAgentDouble;

beforeEach(async () => {
  launcher = new Launcher();
  const standing = await connectedIn("running");
  ({ scene, nodeId, agent } = standing);
  token = await tokenFor(scene.ownerId);
});

/** A request to a control plane that this launcher runs for that person. */
function ask(method: string, body: unknown = null, ownerId: UserId | null = scene.ownerId, path = "/api/breakages") {
  const local: Env = { ...env, BREAKAGE: launcher, ...(ownerId === null ? {} : { OWNER_ID: ownerId }) };
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const init = { method, headers, ...(body === null ? {} : { body: JSON.stringify(body) }) };
  return Promise.resolve(api.fetch(new Request(`http://127.0.0.1${path}`, init), local));
}

const kill = () => ({ kind: "kill_vm_agent", nodeId });

describe("there is no such route", () => {
  /** @returns what is said of an address that was never one. */
  const unknown = async () => (await problemOf(await scene.client.fetch("/api/breakings"))).detail;

  it("where no launcher gives the way, and no word of it: not in the API's description, not of the system", async () => {
    for (const answer of [
      await scene.client.fetch("/api/breakages"),
      await scene.client.post("/api/breakages", kill()),
    ]) {
      expect(answer.status).toBe(404);
      const { detail } = await problemOf(answer);
      expect(detail.replace("POST", "GET")).toBe((await unknown()).replace("breakings", "breakages"));
    }
    const described = await (await scene.client.fetch("/api/openapi.json")).text();
    expect(described).not.toContain("/api/breakages");
    const system = systemSchema.parse(await (await scene.client.fetch("/api/system")).json());
    expect(system.breakable).toBe(false);
  });

  it("for anybody but the person whose machine it is, and none without a session", async () => {
    const other = await scene.beside();
    for (const ownerId of [other.ownerId, null]) {
      expect((await ask("GET", null, ownerId)).status).toBe(404);
      expect((await ask("POST", kill(), ownerId)).status).toBe(404);
    }
    token = "x".repeat(43);
    expect((await ask("POST", kill())).status).toBe(401);
    expect(launcher.orders).toEqual([]);
  });
});

describe("on one's own machine", () => {
  it("the launcher is asked, with how everything stood before, and the promises are proven by what came after", async () => {
    const system = systemSchema.parse(await (await ask("GET", null, scene.ownerId, "/api/system")).json());
    expect(system.breakable).toBe(true);
    expect((await ask("POST", kill())).status).toBe(201);
    const { serverId } = await scene.node(nodeId);
    expect(launcher.orders).toMatchObject([{ kind: "kill_vm_agent", nodeId, serverId }]);
    expect(JSON.parse(launcher.orders[0]?.before ?? "")).toMatchObject({
      nodes: [{ nodeId, epoch: agent.epoch, connected: true }],
      tasks: [{ step: "running", incarnation: 1, missing: 0 }],
      doubled: [],
    });
    const proofs = async () => breakageListSchema.parse(await (await ask("GET")).json()).breakages[0]?.proofs ?? [];
    expect((await proofs()).map(({ holds }) => holds)).toEqual([null, null, null]);

    // Not proven yet, it is the only thing that is broken.
    const again = await ask("POST", kill());
    expect([again.status, (await problemOf(again)).code]).toEqual([409, "not_allowed_now"]);

    scene.clock.advance(1_000);
    const young = new VmAgentDouble(nodeId, agent.token);
    await young.connect();
    const [started, , whole] = await proofs();
    expect(started).toMatchObject({ holds: true, evidence: `epoch ${agent.epoch} before, ${young.epoch} now` });
    expect(started?.at).toBe(scene.clock.now);
    expect(whole).toMatchObject({ holds: true });
  });

  it("what cannot be meant is refused: no node, another owner's, none that is connected, no such thing", async () => {
    const refusals = await Promise.all([
      ask("POST", { kind: "kill_vm_agent" }),
      ask("POST", { kind: "cut_network", nodeId: "node_00000000000000000000000000" }),
      ask("POST", { kind: "format_disk" }),
      ask("POST", { kind: "stall_provider", durationMs: 120_001 }),
    ]);
    expect(refusals.map(({ status }) => status)).toEqual([422, 404, 422, 422]);
    agent.hangUp();
    await eventually(
      "the end of the connection",
      () => scene.node(nodeId),
      ({ connected }) => !connected,
    );
    expect((await ask("POST", kill())).status).toBe(409);
    expect(launcher.orders).toEqual([]);
  });
});
