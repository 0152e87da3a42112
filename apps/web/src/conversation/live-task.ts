/** A live task is a task's conversation on this page together with the link that it grows by. */
import type { TaskId } from "@sam/domain/ids";
import { taskViewSchema, type TaskView } from "@sam/protocol/task-api";
import { z } from "zod";

import { isNotFound, isSignedOut } from "../api/api-error.ts";
import { ask } from "../api/client.ts";
import { openSocket } from "../api/socket.ts";
import { apiPath } from "../path-builder.ts";
import { heldMessagesSchema, heldPageSchema } from "./held-message.ts";
import { LiveLink, type LinkState } from "./live-link.ts";
import { TaskConversation } from "./task-conversation.ts";

const firstDelayMs = 500;
const longestDelayMs = 15_000;

const frameSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("messages"), messages: heldMessagesSchema }),
  z.object({ type: z.literal("task"), task: taskViewSchema, lastSeq: z.int().optional() }),
]);

export interface LiveTaskPorts {
  readonly onTask: (task: TaskView) => void;
  /** The link is lost, or a frame was not understood: the API is asked how things stand. */
  readonly onDoubt: () => void;
  /** The stream is heard, for the first time or again. */
  readonly onLive: () => void;
}

/** @returns the conversation of a task, not yet opened. @param asOf as it was at this time; left out: as it grows. */
export function conversationOf(taskId: TaskId, asOf?: number): TaskConversation {
  return new TaskConversation({
    fetchPage: (query) => ask({ path: apiPath.messages(taskId), query: { ...query, asOf }, answer: heldPageSchema }),
    nextFrame,
    later: (delayMs, callback) => void setTimeout(callback, delayMs),
    now: () => Date.now(),
  });
}

const oneTaskSchema = z.object({ task: taskViewSchema });

/** One task as its runner sees it now. */
export async function fetchTask(taskId: TaskId): Promise<TaskView> {
  return (await ask({ path: apiPath.task(taskId), answer: oneTaskSchema })).task;
}

/** A page in the background is not painted, and still takes in what comes. */
function nextFrame(callback: () => void): void {
  if (document.hidden) setTimeout(callback, 250);
  else requestAnimationFrame(callback);
}

export class LiveTask {
  readonly conversation: TaskConversation;
  readonly #ports: LiveTaskPorts;
  readonly #link: LiveLink;
  readonly #listeners = new Set<() => void>();
  #state: LinkState = { kind: "dialling", lostAt: null, attempt: 0 };
  #opening: ReturnType<typeof setTimeout> | null = null;
  #attempt = 0;
  #isStarted = false;

  constructor(taskId: TaskId, ports: LiveTaskPorts) {
    this.#ports = ports;
    this.conversation = conversationOf(taskId);
    this.#link = new LiveLink({
      dial: () => openSocket(`${apiPath.stream(taskId)}?after=${this.conversation.heldSeq}`),
      random: Math.random,
      onFrame: (text) => this.#takeFrame(text),
      onState: (state) => this.#takeState(state),
    });
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly linkState = (): LinkState => this.#state;

  start(): void {
    this.#isStarted = true;
    window.addEventListener("online", this.#wake);
    document.addEventListener("visibilitychange", this.#wake);
    void this.#open();
  }

  stop(): void {
    this.#isStarted = false;
    window.removeEventListener("online", this.#wake);
    document.removeEventListener("visibilitychange", this.#wake);
    if (this.#opening !== null) clearTimeout(this.#opening);
    this.#opening = null;
    this.#link.stop();
  }

  readonly #wake = (): void => {
    if (document.hidden) return;
    if (this.conversation.isOpen) this.#link.wake();
    else void this.#open();
  };

  /** The first page, however often it takes; only then is it known where the stream begins. */
  async #open(): Promise<void> {
    if (this.#opening !== null) clearTimeout(this.#opening);
    this.#opening = null;
    try {
      await this.conversation.open();
      if (this.#isStarted) this.#link.start();
    } catch (error) {
      if (!this.#isStarted || isNotFound(error)) return;
      // Signed out, it is looked for slowly: the session may come back in another tab.
      const delayMs = isSignedOut(error) ? longestDelayMs : Math.min(longestDelayMs, firstDelayMs * 2 ** this.#attempt);
      this.#attempt += 1;
      this.#opening = setTimeout(() => void this.#open(), delayMs);
    }
  }

  #takeFrame(text: string): void {
    const frame = frameSchema.safeParse(jsonOf(text));
    if (!frame.success) this.#ports.onDoubt();
    else if (frame.data.type === "messages") this.conversation.take(frame.data.messages);
    else {
      this.conversation.heard(frame.data.lastSeq ?? 0);
      this.#ports.onTask(frame.data.task);
    }
  }

  #takeState(state: LinkState): void {
    const before = this.#state;
    this.#state = state;
    if (state.kind === "waiting") this.#ports.onDoubt();
    if (state.kind === "live" && before.kind !== "live") this.#ports.onLive();
    for (const listener of this.#listeners) listener();
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
