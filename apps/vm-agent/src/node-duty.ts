/**
 * A node's duty: what comes over the channel is put on the disk and handed to the tasks, and what they say goes over the
 * channel until it is acknowledged. It knows neither processes nor files, so the simulator runs this same code.
 */
import type { DownFrame, UpFrame } from "@sam/protocol/node-channel";

import type { Timings } from "./boot/settings.ts";
import type { Dial } from "./channel/dial.ts";
import { EventPump } from "./channel/event-pump.ts";
import { GrantDesk, type GrantSource } from "./channel/grant-desk.ts";
import { NodeChannel } from "./channel/node-channel.ts";
import { logFact } from "./log.ts";
import type { Keepsakes } from "./store/keepsakes.ts";
import type { Work } from "./task/carry-out.ts";
import type { DeskPorts } from "./task/task-desk.ts";
import { TaskRoster } from "./task/task-roster.ts";

/** What looks after the saved work that lies on a node. */
export interface SavedWorkDesk {
  /** Says what lies here. */
  report(): void;
  /** To be called now and then. */
  tend(): void;
  forget(frame: Extract<DownFrame, { type: "forget_saved_work" }>): void;
  stop(): Promise<void>;
}

export interface DutyPorts extends Omit<DeskPorts, "work"> {
  readonly keepsakes: Keepsakes;
  readonly work: (grants: GrantSource) => Work;
  /** @param send puts a frame on the channel where it is connected, else drops it. Left out: nothing is ever saved here. */
  readonly savedWork?: (grants: GrantSource, send: (frame: UpFrame) => void) => SavedWorkDesk;
  /** Full URL of the dial. */
  readonly url: URL;
  readonly dial: Dial;
  readonly timings: Pick<Timings, "grantMs" | "resendMs" | "refusedRedialMs" | "tendMs" | "welcomeMs">;
  /** The newest token, looked up for each dial. */
  readonly token: () => string;
  readonly hello: () => UpFrame;
  readonly heartbeat: (roster: Pick<TaskRoster, "standing">) => UpFrame;
  /** A newer boot of this node has taken over. */
  readonly onReplaced: () => void;
}

/** Acknowledgements are written together, since one that is lost costs only a repetition. */
const tidyMs = 500;

export class NodeDuty {
  readonly #ports: DutyPorts;
  readonly #grants: GrantDesk;
  readonly #savedWork: SavedWorkDesk | null;
  readonly #roster: TaskRoster;
  readonly #pump: EventPump;
  readonly #channel: NodeChannel;
  #isEnding = false;
  #tend: NodeJS.Timeout | null = null;
  #tidy: NodeJS.Timeout | null = null;

  constructor(ports: DutyPorts) {
    this.#ports = ports;
    const { state, outbox, timings, work, url, dial } = ports;
    this.#grants = new GrantDesk((frame) => this.#channel.send(frame), timings.grantMs);
    // Before the events: where a task's teardown is known, what it saved is known, too.
    this.#savedWork = ports.savedWork?.(this.#grants, (frame) => this.#channel.send(frame)) ?? null;
    this.#roster = new TaskRoster({ ...ports, work: work(this.#grants) });
    this.#pump = new EventPump(outbox, timings.resendMs);
    // After the outbox has noted what is on the disk.
    state.onSync(() => () => this.#pump.pump());
    this.#channel = new NodeChannel(
      { url, dial, refusedRedialMs: timings.refusedRedialMs, welcomeMs: timings.welcomeMs },
      {
        token: ports.token,
        hello: ports.hello,
        heartbeat: () => ports.heartbeat(this.#roster),
        onWelcome: (socket) => {
          this.#savedWork?.report();
          this.#pump.connect(socket);
          this.#grants.askAgain();
        },
        onFrame: (frame) => this.#onFrame(frame),
        onDisconnect: () => this.#pump.disconnect(),
        onReplaced: () => ports.onReplaced(),
      },
    );
  }

  /** Takes up what is on the disk. To be called once no process of an earlier boot is left. */
  resume(): Promise<void> {
    return this.#roster.resume();
  }

  begin(): void {
    const { state, timings } = this.#ports;
    this.#tend = setInterval(() => {
      state.tend();
      this.#savedWork?.tend();
      this.#pump.resendIfSilent();
    }, timings.tendMs);
    this.#savedWork?.tend();
    this.#channel.dial();
  }

  /** Ends every agent and leaves a state that the next boot goes on from. */
  async end(graceMs: number): Promise<void> {
    if (this.#tend !== null) clearInterval(this.#tend);
    if (this.#tidy !== null) clearTimeout(this.#tidy);
    this.#isEnding = true;
    this.#channel.stop();
    await this.#savedWork?.stop();
    await this.#roster.stop(graceMs);
    await this.#roster.tidy();
  }

  #tidySoon(): void {
    if (this.#isEnding || !this.#ports.outbox.hasAcknowledgements) return;
    this.#tidy ??= setTimeout(() => {
      this.#tidy = null;
      void this.#roster.tidy();
    }, tidyMs);
  }

  async #onFrame(frame: Exclude<DownFrame, { type: "welcome" | "heartbeat_ack" }>): Promise<void> {
    switch (frame.type) {
      case "command": {
        const carryOut = await this.#roster.take(frame.command);
        this.#channel.send({ type: "command_ack", commandId: frame.command.commandId });
        carryOut?.();
        return;
      }
      case "event_ack":
        this.#ports.outbox.acknowledge(frame.taskId, frame.seq);
        this.#pump.noteAcknowledgement();
        this.#tidySoon();
        return;
      case "void_task":
        await this.#roster.voidTask(frame.taskId);
        return;
      case "forget_saved_work":
        this.#savedWork?.forget(frame);
        return;
      case "token":
        await this.#ports.keepsakes.keepToken({ token: frame.token, tokenExpiresAt: frame.tokenExpiresAt });
        logFact("token_kept", { expiresAt: frame.tokenExpiresAt });
        return;
      case "grant":
      case "grant_refused":
        this.#grants.answer(frame);
        return;
      case "refused":
        logFact("frame_refused", { detail: frame.detail.slice(0, 500) });
    }
  }
}
