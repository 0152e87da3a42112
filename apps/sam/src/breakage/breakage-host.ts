/**
 * Carries out what a person breaks on purpose, and keeps what was done: the launcher's side of the "break something" menu.
 * The control plane asks for it over a service binding that nobody but the launcher gives.
 */
import { breakages, type BreakageKind } from "@sam/domain/breakage";
import {
  breakOrderSchema,
  type BreakOrder,
  type KeptBreakage,
  settledBreakageSchema,
} from "@sam/protocol/breakage-api";
import { ulid } from "ulid";

import { parseJson } from "../data-directory/files.ts";
import { sleep } from "../machine-host/signal.ts";

/** What can be broken; each resolves, in words, when what was broken works again. */
export interface Breakable {
  killVmAgent(serverId: string): Promise<string>;
  cutNetwork(serverId: string, durationMs: number): Promise<string>;
  killControlPlane(): Promise<string>;
  stallProvider(durationMs: number): Promise<string>;
}

const keptCount = 20;
/** The answer must be out before whoever carries it is killed. */
const headStartMs = 200;

export class BreakageHost {
  readonly #breakable: Breakable;
  readonly #log: (line: string) => void;
  #kept: readonly KeptBreakage[] = [];
  #inForce: string | null = null;

  constructor(breakable: Breakable, log: (line: string) => void) {
    this.#breakable = breakable;
    this.#log = log;
  }

  /** @returns the status and the JSON of an answer: what there is, newest first, or what was begun, or kept. */
  handle(method: string, text: string): { readonly status: number; readonly body: unknown } {
    if (method === "GET") return { status: 200, body: { breakages: this.#kept } };
    if (method === "PUT") return this.#settle(text);
    const order = breakOrderSchema.safeParse(parseJson(text));
    if (!order.success) return { status: 422, body: { why: order.error.message } };
    if (this.#inForce !== null) return { status: 409, body: { why: "something is broken already" } };
    return { status: 201, body: { breakage: this.#begin(order.data) } };
  }

  /** What was proven stays so, whatever is broken next. */
  #settle(text: string): { readonly status: number; readonly body: unknown } {
    const settled = settledBreakageSchema.safeParse(parseJson(text));
    if (!settled.success) return { status: 422, body: { why: settled.error.message } };
    const { id, proofs } = settled.data;
    this.#change(id, (kept) => ({ ...kept, proofs: kept.proofs ?? proofs }));
    return { status: 200, body: {} };
  }

  #change(id: string, change: (kept: KeptBreakage) => KeptBreakage): void {
    this.#kept = this.#kept.map((kept) => (kept.id === id ? change(kept) : kept));
  }

  #begin({ kind, nodeId, serverId, durationMs, before }: BreakOrder): KeptBreakage {
    const startedAt = Date.now();
    const lastsMs = breakages[kind].defaultMs === null ? 0 : durationMs;
    const deed = { kind, nodeId, startedAt, endsAt: startedAt + lastsMs, backAt: null, seen: "under way" };
    const kept: KeptBreakage = { id: ulid(), deed, before, proofs: null };
    this.#kept = [kept, ...this.#kept].slice(0, keptCount);
    this.#inForce = kept.id;
    this.#log(`asked to break something: ${kind}${serverId === null ? "" : ` of ${serverId}`}`);
    void this.#carryOut(kept, serverId ?? "", lastsMs);
    return kept;
  }

  async #carryOut({ id, deed }: KeptBreakage, serverId: string, durationMs: number): Promise<void> {
    let outcome: { readonly backAt: number | null; readonly seen: string };
    try {
      const seen = await this.#do(deed.kind, serverId, durationMs);
      outcome = { backAt: Date.now(), seen };
    } catch (error) {
      outcome = { backAt: null, seen: `it failed: ${error instanceof Error ? error.message : String(error)}` };
    }
    this.#log(`${deed.kind}: ${outcome.seen}`);
    this.#change(id, (kept) => ({ ...kept, deed: { ...kept.deed, ...outcome } }));
    this.#inForce = null;
  }

  async #do(kind: BreakageKind, serverId: string, durationMs: number): Promise<string> {
    switch (kind) {
      case "kill_vm_agent":
        return this.#breakable.killVmAgent(serverId);
      case "cut_network":
        return this.#breakable.cutNetwork(serverId, durationMs);
      case "restart_control_plane":
        await sleep(headStartMs);
        return this.#breakable.killControlPlane();
      case "stall_provider":
        return this.#breakable.stallProvider(durationMs);
    }
  }
}
