/**
 * The people who use the system meanwhile: they submit, answer, say more, deliver and cancel, over a network that fails.
 * What SAM accepted of what they said is kept, to be found in the conversations afterwards.
 */
import { setTimeout as sleep } from "node:timers/promises";

import { makeId, type TaskId } from "@sam/domain/ids";
import { isFinal } from "@sam/domain/task-lifecycle";
import type { Chance } from "@sam/domain/testing/seeded";
import type { TaskView } from "@sam/protocol/task-api";
import { ulid } from "ulid";

import type { ApiClient } from "../../apps/sam/src/client/api-client.ts";
import { ApiError } from "../../apps/sam/src/client/api-error.ts";
import { Follower } from "./follower.ts";
import { block, drawWork, type Work } from "./work.ts";

/** A task that SAM accepted, and what is known of it from outside. */
export interface Charge {
  readonly taskId: TaskId;
  readonly work: Work;
  readonly follower: Follower;
  /** Accepted by SAM, the first prompt excepted. */
  readonly said: string[];
  turns: number;
}

/** In a thousand, at each look of a person at a task; the last at one that has ended. */
const odds = { cancel: 1, sayMore: 5, goOn: 100 };
/** So long after the end a person looks on: by then all is said, where nothing fails. */
const looksOnMs = 15_000;
const lookMs = 250;
const turnsAtMost = 3;

export interface PeopleOptions {
  readonly api: ApiClient;
  readonly chance: Chance;
  /** The repositories that there are. */
  readonly urls: readonly string[];
  readonly tasksAtOnce: number;
}

export class People {
  readonly charges: Charge[] = [];
  /** How often they did what, by its name. */
  readonly acts = new Map<string, number>();
  readonly #options: PeopleOptions;
  readonly #submitting = new Set<Promise<void>>();
  /** What may have begun a task after all: it was not there yet when its answer was lost. */
  readonly #perhaps = new Map<TaskId, Work>();
  #isBusy = true;
  #isOver = false;
  #count = 0;

  constructor(options: PeopleOptions) {
    this.#options = options;
  }

  /** Goes on until `stop`. */
  async work(): Promise<void> {
    while (!this.#isOver) {
      const open = this.open();
      const missing = this.#isBusy ? this.#options.tasksAtOnce - open.length - this.#submitting.size : 0;
      for (let index = 0; index < missing; index += 1) this.#begin(this.#submit());
      await Promise.all(open.map((charge) => this.#lookAt(charge)));
      await this.#goOnWithOne();
      if (this.#isBusy) await this.#leaveWhatIsOver();
      else await this.#takeWhatCameLate();
      await sleep(lookMs);
    }
  }

  /**
   * From now on nothing new is asked for: people only answer, and deliver. Resolves once it is known what was accepted.
   * @returns of how many submissions that is not known when the time is over.
   */
  async calmDown(timeoutMs: number): Promise<number> {
    this.#isBusy = false;
    await Promise.race([Promise.all(this.#submitting), sleep(timeoutMs, undefined, { ref: false })]);
    return this.#submitting.size;
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.charges.map(({ follower }) => follower.stop()));
  }

  /** The tasks that have not ended, as far as their followers know. */
  open(): readonly Charge[] {
    return this.charges.filter(({ follower: { task } }) => task === null || !isFinal(task.step));
  }

  #begin(submission: Promise<void>): void {
    this.#submitting.add(submission);
    void submission.finally(() => this.#submitting.delete(submission));
  }

  /** A lost answer leaves it open whether the task was accepted, so it is asked for until that is known. */
  async #submit(): Promise<void> {
    this.#count += 1;
    const { api, chance, urls } = this.#options;
    const work = drawWork(chance, this.#count, urls);
    const taskId = makeId("task", ulid());
    while (!this.#isOver) {
      const isAccepted = await this.#tries("submit", () => api.submit(work.request, taskId));
      if (isAccepted !== null) return this.#take(taskId, work);
      await sleep(lookMs);
    }
  }

  #take(taskId: TaskId, work: Work): void {
    const follower = new Follower(this.#options.api, taskId);
    this.charges.push({ taskId, work, follower, said: [], turns: 1 });
  }

  async #lookAt(charge: Charge): Promise<void> {
    const { task } = charge.follower;
    if (task === null) return;
    const draw = this.#options.chance.below(1_000);
    if (task.permission !== null) return this.#answer(task);
    if (this.#isBusy && task.canCancel && draw < odds.cancel) return this.#cancel(task);
    if (task.canSay === "next_turn") return this.#nextTurn(charge, task);
    const mayWait = task.canSay === "waits_for_the_turn" && charge.turns < turnsAtMost;
    if (this.#isBusy && mayWait && draw < odds.cancel + odds.sayMore) await this.#say(charge, task);
  }

  /** A finished task is gone on with, now and then. */
  async #goOnWithOne(): Promise<void> {
    const { chance } = this.#options;
    if (!this.#isBusy || this.charges.length === 0 || chance.below(1_000) >= odds.goOn) return;
    const charge = chance.pick(this.charges);
    const { task } = charge.follower;
    if (task?.canSay === "continues" && charge.work.kind !== "a question") await this.#say(charge, task);
  }

  /** Nobody has a thousand pages open: who has seen the end closes the page. */
  async #leaveWhatIsOver(): Promise<void> {
    const before = Date.now() - looksOnMs;
    const over = this.charges.filter(({ follower: { task, hasLeft } }) => {
      const endedAt = task?.clocks.frozenAt ?? null;
      return !hasLeft && endedAt !== null && endedAt < before && task?.nodeId === null;
    });
    await Promise.all(over.map(({ follower }) => follower.leave()));
  }

  async #cancel({ taskId }: TaskView): Promise<void> {
    await this.#tries("cancel", () => this.#options.api.cancel(taskId));
  }

  async #answer({ taskId, permission }: TaskView): Promise<void> {
    const option = permission?.options[this.#options.chance.below(10) === 0 ? 1 : 0];
    if (permission === null || option === undefined) return;
    const answer = { requestId: permission.requestId, optionId: option.optionId };
    await this.#tries("answer", () => this.#options.api.answer(taskId, answer));
  }

  /** It waits for a person: one more turn, or that will do. */
  async #nextTurn(charge: Charge, task: TaskView): Promise<void> {
    if (this.#isBusy && charge.turns < turnsAtMost) return this.#say(charge, task);
    await this.#tries("deliver", () => this.#options.api.deliver(task.taskId));
  }

  /** Said to a task that has ended meanwhile, it begins another one. */
  async #say(charge: Charge, { taskId }: TaskView): Promise<void> {
    charge.turns += 1;
    const { name } = charge.work;
    const more = `${name}-more-${charge.turns}`;
    const prompt = block(more, `turn ${charge.turns}`, `echo more >${more}.txt`);
    const key = makeId("task", ulid());
    const task = await this.#tries("say more", () => this.#options.api.say(taskId, { prompt, taskId: key }));
    const work = { ...charge.work, name: more };
    if (task?.taskId === key) this.#take(key, work);
    else if (task === null) this.#begin(this.#findOut(key, work));
    else charge.said.push(prompt);
  }

  /** The answer was lost: where what was said began another task, somebody has to look after that, too. */
  async #findOut(taskId: TaskId, work: Work): Promise<void> {
    while (!this.#isOver) {
      try {
        await this.#options.api.task(taskId);
        return this.#take(taskId, work);
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return void this.#perhaps.set(taskId, work);
        await sleep(lookMs);
      }
    }
  }

  /** What was said stood still on its way, and arrived when nobody counted on it any more. */
  async #takeWhatCameLate(): Promise<void> {
    for (const [taskId, work] of this.#perhaps) {
      if ((await this.#options.api.task(taskId).catch(() => null)) === null) continue;
      this.#perhaps.delete(taskId);
      this.#take(taskId, work);
    }
  }

  /** @returns null where it was refused, or not answered: people shrug, and look again. */
  async #tries(what: string, act: () => Promise<TaskView>): Promise<TaskView | null> {
    const note = (did: string) => void this.acts.set(did, (this.acts.get(did) ?? 0) + 1);
    try {
      const task = await act();
      note(what);
      return task;
    } catch (error) {
      note(error instanceof ApiError ? `${what}, refused` : `${what}, not answered`);
      return null;
    }
  }
}
