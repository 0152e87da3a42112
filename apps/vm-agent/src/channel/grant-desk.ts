/**
 * The grant desk asks the control plane what an agent is to be started with: its model's address and key, and the owner's
 * other secrets. An answer is handed to whoever asked and kept nowhere: not on the disk, not in the log, not here.
 */
import { randomUUID } from "node:crypto";

import type { TaskId } from "@sam/domain/ids";
import type { AgentGrant, DownFrame, UpFrame } from "@sam/protocol/node-channel";

import { withDeadline } from "../deadline.ts";

type Wanted = Extract<UpFrame, { type: "grant_wanted" }>;
type Answer = Extract<DownFrame, { type: "grant" | "grant_refused" }>;

/** What a job needs of the desk. */
export interface GrantSource {
  /**
   * @param purpose `save`: to look through work that is to be saved, also of a task that has ended.
   * @throws GrantRefused, DeadlinePassed
   */
  want(taskId: TaskId, agentId: string, purpose?: "save"): Promise<AgentGrant>;
}

/** The control plane's own words. */
export class GrantRefused extends Error {}

interface Pending {
  readonly frame: Wanted;
  readonly resolve: (grant: AgentGrant) => void;
  readonly reject: (error: GrantRefused) => void;
}

export class GrantDesk implements GrantSource {
  readonly #send: (frame: UpFrame) => void;
  readonly #timeoutMs: number;
  readonly #pending = new Map<string, Pending>();

  /** @param send puts a frame on the channel where it is connected, else drops it. */
  constructor(send: (frame: UpFrame) => void, timeoutMs: number) {
    this.#send = send;
    this.#timeoutMs = timeoutMs;
  }

  async want(taskId: TaskId, agentId: string, purpose?: "save"): Promise<AgentGrant> {
    const asked = { type: "grant_wanted", requestId: randomUUID(), taskId, agentId } as const;
    const frame: Wanted = purpose === undefined ? asked : { ...asked, purpose };
    const { promise, resolve, reject } = Promise.withResolvers<AgentGrant>();
    this.#pending.set(frame.requestId, { frame, resolve, reject });
    this.#send(frame);
    try {
      return await withDeadline(
        "the control plane's answer with the agent's settings and keys",
        this.#timeoutMs,
        promise,
      );
    } finally {
      this.#pending.delete(frame.requestId);
    }
  }

  /** A new connection knows nothing of what was asked on the one before. */
  askAgain(): void {
    for (const { frame } of this.#pending.values()) this.#send(frame);
  }

  /** An answer that nobody waits for any more is dropped. */
  answer(frame: Answer): void {
    const pending = this.#pending.get(frame.requestId);
    if (pending === undefined) return;
    if (frame.type === "grant") pending.resolve(frame.grant);
    else pending.reject(new GrantRefused(frame.detail));
  }
}
