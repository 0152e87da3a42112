/**
 * A follower is a page that shows a task's conversation live. Where its connection breaks it comes back and asks for what
 * comes after the last message that it was shown.
 */
import { z } from "zod";

import { pause } from "./machine/work/pause.ts";
import type { FaultGate } from "./network/fault-gate.ts";
import type { ControlPlane, StreamListener } from "./objects/control-plane.ts";

const framesSchema = z.object({ messages: z.array(z.object({ seq: z.number() })) });
const againMs = 4_000;

export class Follower {
  readonly taskId: string;
  /** The numbers of the messages, as they were shown. */
  readonly seqs: number[] = [];
  readonly #control: ControlPlane;
  readonly #gate: FaultGate;
  #listener: StreamListener | null = null;

  constructor(taskId: string, control: ControlPlane, gate: FaultGate) {
    this.taskId = taskId;
    this.#control = control;
    this.#gate = gate;
    void this.#connect();
  }

  get lastSeq(): number {
    return this.seqs.at(-1) ?? 0;
  }

  async #connect(): Promise<void> {
    for (;;) {
      const lost = Promise.withResolvers<void>();
      const listener: StreamListener = {
        send: (text) => {
          if (this.#listener === listener) this.#hear(text, listener, lost.resolve);
        },
        lost: lost.resolve,
      };
      this.#listener = listener;
      const asked = this.#control.listen(this.taskId, this.lastSeq, listener).catch(() => lost.resolve());
      const isAnswered = await Promise.race([asked.then(() => true), pause(againMs * 3).then(() => false)]);
      if (isAnswered) await lost.promise;
      this.#listener = null;
      this.#control.unlisten(this.taskId, listener);
      await pause(againMs);
    }
  }

  #hear(text: string, listener: StreamListener, lost: () => void): void {
    if (!text.startsWith('{"type":"messages"')) return;
    if (this.#gate.happens("cut")) {
      this.#listener = null;
      this.#control.unlisten(this.taskId, listener);
      lost();
      return;
    }
    for (const { seq } of framesSchema.parse(JSON.parse(text)).messages) this.seqs.push(seq);
  }
}
