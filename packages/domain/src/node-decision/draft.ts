/** A decision about a node while it is being made. */
import { enterState, noteContact, noteProgress } from "../clocks.ts";
import type { NodeDecision, NodeEffect, NodeTransition } from "../node-event.ts";
import type { NodeFacts } from "../node-facts.ts";
import { isFinalNodeState, nodeLifecycle, type NodeFailureReason, type NodeState } from "../node-lifecycle.ts";
import type { Settings } from "../settings.ts";

export class NodeDraft {
  facts: NodeFacts;
  readonly now: number;
  readonly settings: Settings;
  readonly #transitions: NodeTransition[] = [];
  readonly #effects: { key: string; effect: NodeEffect }[] = [];

  constructor(facts: NodeFacts, now: number, settings: Settings) {
    this.facts = facts;
    this.now = now;
    this.settings = settings;
  }

  set(change: Partial<NodeFacts>): void {
    this.facts = { ...this.facts, ...change };
  }

  effect(effect: NodeEffect): void {
    const effectCount = this.facts.effectCount + 1;
    this.set({ effectCount });
    this.#effects.push({ key: `effect-${effectCount}`, effect });
  }

  enter(to: NodeState, cause: string): void {
    const from = this.facts.state;
    if (isFinalNodeState(from)) throw new Error(`${from} is final: ${cause} cannot lead to ${to}`);
    const row = nodeLifecycle[to];
    const listens = to === "ready" || to === "warm" || to === "draining";
    const contactDeadlineAt = listens ? (this.facts.contactDeadlineAt ?? this.now + this.settings.contactLostMs) : null;
    this.set({
      state: to,
      version: this.facts.version + 1,
      clocks: enterState(this.facts.clocks, this.now, row.final),
      deadlineAt: row.final ? null : this.now + this.settings[row.deadline],
      contactDeadlineAt,
      pollAt: to === "creating" || to === "destroying" ? this.now + this.settings.providerPollMs : null,
    });
    // A node that works has no deadline but silence: what its tasks may take is their own clocks' business.
    if (to === "ready") this.set({ deadlineAt: contactDeadlineAt });
    this.record(from, cause);
  }

  record(from: NodeState | null, cause: string): void {
    const { state: to, version } = this.facts;
    this.#transitions.push({ version, from, to, at: this.now, cause, facts: this.facts });
  }

  contact(): void {
    this.set({ clocks: noteContact(this.facts.clocks, this.now) });
    if (this.facts.contactDeadlineAt === null) return;
    const contactDeadlineAt = this.now + this.settings.contactLostMs;
    this.set({ contactDeadlineAt });
    if (this.facts.state === "ready") this.set({ deadlineAt: contactDeadlineAt });
  }

  progress(): void {
    this.set({ clocks: noteProgress(this.facts.clocks, this.now) });
  }

  /** A failed node tells its tasks and is destroyed: nothing that failed is left running. */
  fail(failure: NodeFailureReason, detail: string, cause: string): void {
    this.set({ failure, detail });
    this.enter("failed", cause);
    this.tellTasks();
    this.destroy("failed");
  }

  destroy(cause: string): void {
    this.enter("destroying", cause);
    this.effect({ kind: "destroy_server" });
  }

  tellTasks(): void {
    for (const taskId of this.facts.claims) this.effect({ kind: "tell_task", taskId });
  }

  done(): NodeDecision {
    return { facts: this.facts, transitions: this.#transitions, effects: this.#effects };
  }
}
