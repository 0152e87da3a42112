/**
 * The work keeper looks after the saved work of a node when its tasks are long over: it says what lies here, tries again to
 * push what the remote does not have, one at a time, and removes what nobody needs any more.
 */
import type { TaskId } from "@sam/domain/ids";
import type { DownFrame, UpFrame } from "@sam/protocol/node-channel";
import { maxSavedWorks, type HeldWork } from "@sam/protocol/saved-work";

import { messageOf } from "../clipped-text.ts";
import { logFact } from "../log.ts";
import { isOver } from "../store/task-records.ts";
import type { NodeContext } from "../task/job.ts";
import { forgetSaved } from "./forget-saved.ts";
import { pushSaved } from "./push-saved.ts";

type ForgetFrame = Extract<DownFrame, { type: "forget_saved_work" }>;

/** How saved work is pushed and removed: with git on a node, without it in the simulator. */
export interface SavedWorkHands {
  readonly push: typeof pushSaved;
  readonly forget: typeof forgetSaved;
}

const byGit: SavedWorkHands = { push: pushSaved, forget: forgetSaved };
const maxUnsaved = 256;

export class WorkKeeper {
  readonly #node: NodeContext;
  readonly #send: (frame: UpFrame) => void;
  readonly #hands: SavedWorkHands;
  readonly #ending = new AbortController();
  #work: Promise<void> = Promise.resolve();
  #isPushing = false;
  #timer: NodeJS.Timeout | null = null;

  /** @param send puts a frame on the channel where it is connected, else drops it. */
  constructor(node: NodeContext, send: (frame: UpFrame) => void, hands: SavedWorkHands = byGit) {
    this.#node = node;
    this.#send = send;
    this.#hands = hands;
    node.saved.onChange(() => {
      this.report();
      this.#plan();
    });
    // A workspace holds something until it is torn down, and then the node need not be kept for it.
    node.records.onLife(() => this.report());
  }

  /** Says what lies here: with each welcome, whenever it changes, and now and then. */
  report(): void {
    this.#send({ type: "held_work", ...this.#held() });
  }

  /** To be called now and then. That nothing lies here is said again, too: a word of it that was lost would keep the node. */
  tend(): void {
    this.report();
    this.#plan();
  }

  /** Begins to push what is due, or looks again when the next of it is. */
  #plan(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const due = [...this.#node.saved.all().values()].flatMap(({ retryAt }) => retryAt ?? []);
    if (due.length === 0 || this.#isPushing || this.#ending.signal.aborted) return;
    const waitMs = Math.min(...due) - Date.now();
    if (waitMs > 0) {
      this.#timer = setTimeout(() => this.#plan(), waitMs);
      return;
    }
    this.#isPushing = true;
    this.#queue("saved_work_not_pushed", async () => {
      try {
        await this.#pushDue();
      } finally {
        this.#isPushing = false;
      }
      this.#plan();
    });
  }

  /** Removes saved work, and says what came of it. */
  forget(frame: ForgetFrame): void {
    this.#queue("saved_work_not_removed", async () => {
      const outcome = await this.#hands.forget(this.#node, frame, this.#ending.signal);
      this.#send({ type: "saved_work_forgotten", ...outcome });
    });
  }

  /** Ends what is under way; it is taken up again at the next boot. */
  async stop(): Promise<void> {
    this.#ending.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#work;
  }

  async #pushDue(): Promise<void> {
    const { saved, state, records, secrets } = this.#node;
    for (const [taskId, work] of saved.all()) {
      if (work.retryAt === null || work.retryAt > Date.now()) continue;
      const tried = await this.#hands.push({ node: this.#node, taskId, work, signal: this.#ending.signal });
      if (isOver(records.get(taskId))) secrets.forget(taskId);
      await state.commit(() => {
        // It may have been saved anew, or forgotten, meanwhile.
        if (saved.get(taskId)?.report.commit === tried.report.commit) saved.put(taskId, tried);
      });
      logFact("saved_work_tried", { taskId, place: tried.report.place, tries: tried.tries });
    }
  }

  /** What would be lost first, first. */
  #held(): HeldWork {
    const works = [...this.#node.saved.all()].map(([taskId, { report }]) => ({ taskId, ...report }));
    const sorted = works.toSorted((one, other) => rank(one.place) - rank(other.place));
    return { works: sorted.slice(0, maxSavedWorks), unsaved: this.#unsaved() };
  }

  #unsaved(): TaskId[] {
    return [...this.#node.records.all()]
      .filter(([, facts]) => !isOver(facts) && (facts.workspace?.base ?? null) !== null && facts.agent !== null)
      .map(([taskId]) => taskId)
      .slice(0, maxUnsaved);
  }

  #queue(failed: string, work: () => Promise<void>): void {
    this.#work = this.#work.then(work).catch((error: unknown) => {
      if (!this.#ending.signal.aborted) logFact(failed, { error: messageOf(error) });
    });
  }
}

function rank(place: "remote" | "mirror"): number {
  return place === "mirror" ? 0 : 1;
}
