/**
 * A simulated user: submits tasks and then, at any moment, answers, cancels, forces that, says more, interrupts, delivers, or
 * gives up what was saved.
 */
import { makeId, type ProjectId, type TaskId, type UserId } from "@sam/domain/ids";
import type { TaskRequest } from "@sam/domain/task-facts";
import { isFinal } from "@sam/domain/task-lifecycle";
import type { Chance } from "@sam/domain/testing/seeded";
import { canDeliver, canDiscardSavedWork } from "@sam/domain/user-may";
import { ulid } from "ulid";

import { ask, say } from "../../../apps/control/src/task/own-task.ts";
import { submitTo } from "../../../apps/control/src/task/submission.ts";
import type { Book } from "./book.ts";
import { pause } from "./machine/work/pause.ts";
import type { ControlPlane } from "./objects/control-plane.ts";
import { short, type Trace } from "./trace.ts";

const lookEveryMs = 9_000;
const tries = 4;

export interface UserPorts {
  readonly control: ControlPlane;
  readonly chance: Chance;
  readonly book: Book;
  readonly trace: Trace;
  /** A page is opened on a task. */
  readonly follow: (taskId: TaskId) => void;
}

export class User {
  readonly ownerId: UserId = makeId("user", ulid());
  readonly #projectId: ProjectId = makeId("proj", ulid());
  readonly #ports: UserPorts;
  /** The tasks that this user asked for, whether they were accepted or not. */
  readonly tasks: TaskId[] = [];
  /** Goes home: asks for nothing any more. */
  isGone = false;

  constructor(ports: UserPorts) {
    this.#ports = ports;
  }

  /** Submits a task, again until it is accepted or patience is over, and then minds it. */
  async submit(): Promise<void> {
    const { chance } = this.#ports;
    const taskId = makeId("task", ulid());
    const request: TaskRequest = {
      taskId,
      ownerId: this.ownerId,
      projectId: this.#projectId,
      prompt: `Do ${short(taskId)}`,
      repository: { url: "https://git.test/project.git", branch: null },
      agentId: "simulated",
      checkCommand: chance.next() < 0.5 ? "npm test" : null,
      mode: chance.next() < 0.7 ? "task" : "conversation",
      permissionPolicy: chance.pick(["ask", "allow_edits"]),
      continues: null,
    };
    this.tasks.push(taskId);
    await this.#again(`submit ${short(taskId)}`, async () => {
      const { control } = this.#ports;
      const outcome = await submitTo(control.env, request);
      if (!outcome.accepted) throw new Error("not accepted");
      if (!outcome.projected) throw new Error("not projected yet");
    });
    this.#mind(taskId, 0);
  }

  /** @param depth how many tasks it continues. */
  #mind(taskId: TaskId, depth: number): void {
    const { chance, follow } = this.#ports;
    follow(taskId);
    void this.#look(taskId, depth);
    for (let acts = chance.below(3); acts > 0; acts -= 1) {
      setTimeout(() => void this.#act(taskId), chance.below(chance.below(2) === 0 ? 20_000 : 150_000));
    }
  }

  /** Looks now and then, and answers what is asked. */
  async #look(taskId: TaskId, depth: number): Promise<void> {
    const { control, chance } = this.#ports;
    // Some come back to a question only when nobody waits for them any more.
    const answers = chance.next() < 0.35 ? 0.1 : 1;
    while (!this.isGone) {
      await pause(lookEveryMs * (0.5 + chance.next()));
      const facts = control.taskFacts(taskId);
      if (facts === null || this.isGone) continue;
      if (isFinal(facts.step)) {
        if (canDiscardSavedWork(facts) && chance.next() < 0.25)
          setTimeout(() => void this.#discard(taskId), chance.below(60_000));
        if (depth < 2 && chance.next() < 0.25) await this.#continue(taskId, depth);
        return;
      }
      const { permission } = facts;
      if (permission !== null && chance.next() < 0.7 * answers) {
        const optionId = chance.pick(["yes", "yes", "no", null]);
        const { requestId } = permission;
        await this.#ask(taskId, { type: "answered", requestId, optionId, by: "user" });
      } else if (canDeliver(facts) && chance.next() < 0.5 * answers) {
        if (chance.next() < 0.6) await this.#ask(taskId, { type: "deliver_requested" });
        else await this.#say(taskId, false);
      }
    }
  }

  async #act(taskId: TaskId): Promise<void> {
    if (this.isGone) return;
    const { chance } = this.#ports;
    const what = chance.pick(["cancel", "cancel", "say", "say", "interrupt", "interrupt_and_say", "deliver"] as const);
    switch (what) {
      case "cancel":
        await this.#cancel(taskId);
        return;
      case "say":
        await this.#say(taskId, false);
        return;
      case "interrupt_and_say":
        await this.#say(taskId, true);
        return;
      case "interrupt":
        await this.#ask(taskId, { type: "interrupt_requested" });
        return;
      case "deliver":
        await this.#ask(taskId, { type: "deliver_requested" });
    }
  }

  /** Some don't wait for what can't be proven. */
  async #cancel(taskId: TaskId): Promise<void> {
    const { control, chance, book } = this.#ports;
    const isForced = chance.next() < 0.3;
    await this.#ask(taskId, { type: "cancel_requested", by: "user" });
    if (!isForced) return;
    await pause(chance.below(60_000));
    if (control.taskFacts(taskId)?.step === "cancelling") book.forced.add(taskId);
    await this.#ask(taskId, { type: "force_requested", by: "user" });
  }

  /** Whatever becomes of the request, nobody counts on that work any more. */
  async #discard(taskId: TaskId): Promise<void> {
    this.#ports.book.givenUp(taskId);
    await this.#ask(taskId, { type: "discard_requested", by: "user" });
  }

  async #ask(taskId: TaskId, event: Parameters<typeof ask>[3]): Promise<void> {
    const { control } = this.#ports;
    await this.#again(`${event.type} ${short(taskId)}`, () => ask(control.env, this.ownerId, taskId, event));
  }

  /** @returns whether it was accepted. */
  async #say(taskId: TaskId, interrupt: boolean): Promise<boolean> {
    const { control, book } = this.#ports;
    const by = makeId("task", ulid());
    const text = `More ${by.slice(-8)}`;
    return await this.#again(`say to ${short(taskId)}`, async () => {
      const told = await say(control.env, this.ownerId, taskId, { text, interrupt, by });
      if (told.taskId === taskId) book.page(taskId).said.push(text);
      else this.#adopt(by);
    });
  }

  async #continue(taskId: TaskId, depth: number): Promise<void> {
    const { control } = this.#ports;
    const by = makeId("task", ulid());
    await this.#again(`continue ${short(taskId)}`, async () => {
      await say(control.env, this.ownerId, taskId, { text: `Go on ${by.slice(-8)}`, interrupt: false, by });
      this.#adopt(by, depth + 1);
    });
  }

  #adopt(taskId: TaskId, depth = 1): void {
    if (this.tasks.includes(taskId)) return;
    this.tasks.push(taskId);
    this.#mind(taskId, depth);
  }

  /** Tries again where it was not answered, as a person or a client does. @returns whether it was done. */
  async #again(what: string, act: () => Promise<unknown>): Promise<boolean> {
    const { trace, chance } = this.#ports;
    for (let attempt = 1; attempt <= tries && !this.isGone; attempt += 1) {
      try {
        await act();
        trace.note(() => `the user: ${what}`);
        return true;
      } catch (error) {
        trace.note(() => `the user: ${what}: ${String(error).slice(0, 120)}`);
        if (String(error).includes("not_allowed_now") || String(error).includes("Nothing was changed")) return false;
        await pause(1_000 + chance.below(4_000));
      }
    }
    return false;
  }
}
