/**
 * A folding makes the items of a conversation out of its messages, one message after the other: chunks are joined, a tool
 * call and its updates are one item, an answer stands with its question. The author decides what a message can become.
 */
import type { TaskStep } from "@sam/domain/task-lifecycle";
import type { Message } from "@sam/protocol/message";

import { type AgentUpdate, readAgentUpdate } from "./agent-update.ts";
import type { HeldMessage } from "./held-message.ts";
import type { Item, NewItem, ProseItem } from "./item.ts";
import type { Gap } from "./message-log.ts";
import { piecesOf } from "./prose-pieces.ts";
import { endedCall, newCall, updatedCall } from "./tool-call.ts";

/** What the agent said last of the room that its conversation takes. */
export interface ContextRoom {
  readonly used: number;
  readonly size: number;
}

/** A turn may go on in these. */
const turnSteps = new Set<TaskStep>(["running", "awaiting_input"]);

/** Reading an update costs more than folding it, and a message never changes. */
const read = new WeakMap<HeldMessage, AgentUpdate | null>();

export class Folding {
  readonly #items: Item[] = [];
  /** Where each call, question and plan stands among the items. */
  readonly #calls = new Map<string, number>();
  readonly #running = new Set<number>();
  readonly #questions = new Map<string, number>();
  readonly #plans = new Map<number, number>();
  #turn = 0;
  #piece = 0;
  #context: ContextRoom | null = null;

  get items(): readonly Item[] {
    return this.#items;
  }

  get context(): ContextRoom | null {
    return this.#context;
  }

  /** Messages are missing here; they are asked for. */
  takeGap({ after, before }: Gap, at: number): void {
    const place = { seq: after + 1, lastSeq: before - 1, at };
    this.#push({ kind: "gap", ...place, missing: before - after - 1 });
  }

  /** In the order of their `seq`. */
  take(message: HeldMessage): void {
    const { author, body } = message;
    if (body.kind === "prompt" || body.kind === "agent_update") this.#enterTurn(body.turn, message.at);
    if (author === "agent" && body.kind === "agent_update") this.#takeUpdate(message, body);
    else if (author === "user" && body.kind === "prompt") {
      this.#push({ kind: "prompt", ...placeOf(message), turn: body.turn, text: body.text });
    } else if (author === "sam") this.#takeSam(message, body);
    else this.#push(unreadable(message, `a ${body.kind} cannot be the ${author}'s`));
  }

  #takeUpdate(message: HeldMessage, body: Extract<Message["body"], { kind: "agent_update" }>): void {
    let update = read.get(message);
    if (update === undefined) {
      update = readAgentUpdate(body.update);
      read.set(message, update);
    }
    const { turn } = body;
    switch (update?.kind) {
      case undefined:
        return;
      case "prose":
      case "thought":
        return this.#takeText(message, turn, update);
      case "tool":
        return this.#takeTool(message, turn, update);
      case "plan":
        return this.#takePlan(message, turn, update);
      case "mode":
        return this.#push({ kind: "mode", ...placeOf(message), mode: update.mode });
      case "context":
        this.#context = { used: update.used, size: update.size };
    }
  }

  #takeText(message: HeldMessage, turn: number, update: Extract<AgentUpdate, { text: string }>): void {
    const { kind, text, messageId } = update;
    // An empty chunk carries something else, such as usage.
    if (text === "") return;
    const last = this.#items.at(-1);
    const isSame =
      last !== undefined && isText(last) && last.kind === kind && last.turn === turn && last.messageId === messageId;
    const [first = "", ...others] = piecesOf(isSame ? last.text + text : text);
    if (!isSame) this.#push({ kind, ...placeOf(message), turn, messageId, text: first, continues: false });
    else {
      // Where the message goes on in another piece, this one ends with the message before it.
      const lastSeq = others.length === 0 ? message.seq : last.lastSeq;
      this.#replace(this.#items.length - 1, { ...last, lastSeq, text: first });
    }
    for (const piece of others) {
      this.#push({ kind, ...placeOf(message), turn, messageId, text: piece, continues: true });
    }
  }

  #takeTool(message: HeldMessage, turn: number, update: Extract<AgentUpdate, { kind: "tool" }>): void {
    const id = `${turn} ${update.toolCallId}`;
    const index = this.#calls.get(id);
    const item = index === undefined ? undefined : this.#items[index];
    if (index === undefined || item?.kind !== "tool") {
      const begun = newCall(turn, update, message.at);
      this.#calls.set(id, this.#items.length);
      if (begun.outcome === "running") this.#running.add(this.#items.length);
      return this.#push({ kind: "tool", ...placeOf(message), call: begun });
    }
    const call = updatedCall(item.call, update, message.at);
    if (call.outcome !== "running") this.#running.delete(index);
    if (call !== item.call) this.#replace(index, { ...item, lastSeq: message.seq, call });
  }

  /** A plan is told as a whole each time: it stays in its place while it is the same turn's. */
  #takePlan(message: HeldMessage, turn: number, { entries }: Extract<AgentUpdate, { kind: "plan" }>): void {
    const index = this.#plans.get(turn);
    const item = index === undefined ? undefined : this.#items[index];
    if (index !== undefined && item?.kind === "plan") {
      this.#replace(index, { ...item, lastSeq: message.seq, entries });
      return;
    }
    this.#plans.set(turn, this.#items.length);
    this.#push({ kind: "plan", ...placeOf(message), turn, entries });
  }

  #takeSam(message: HeldMessage, body: HeldMessage["body"]): void {
    const place = placeOf(message);
    switch (body.kind) {
      case "step":
        if (!turnSteps.has(body.to)) this.#endCalls(message.at);
        return this.#push({ kind: "step", ...place, step: body });
      case "note":
        return this.#push({ kind: "note", ...place, text: body.text });
      case "turn_ended":
        this.#endCalls(message.at);
        return this.#push({ kind: "turn_ended", ...place, ended: body, planLeft: this.#planLeft(body.turn) });
      case "permission":
        this.#questions.set(body.requestId, this.#items.length);
        return this.#push({ kind: "permission", ...place, question: body, settled: null });
      case "permission_settled":
        return this.#settle(message, body);
      case "diff":
        return this.#push({ kind: "diff", ...place, diff: body.diff });
      case "verdicts":
        return this.#push({ kind: "verdicts", ...place, verdicts: body.verdicts });
      case "receipt":
        return this.#push({ kind: "receipt", ...place, entry: body.entry });
      case "failure":
        return this.#push({ kind: "failure", ...place, failure: body });
      case "unreadable":
        return this.#push({ kind: "unreadable", ...place, why: body.why });
      case "prompt":
      case "agent_update":
        return this.#push(unreadable(message, `a ${body.kind} cannot be SAM's`));
    }
  }

  #settle(message: HeldMessage, body: Extract<Message["body"], { kind: "permission_settled" }>): void {
    const { requestId, optionId, by } = body;
    const settled = { optionId, by, at: message.at };
    const index = this.#questions.get(requestId);
    const item = index === undefined ? undefined : this.#items[index];
    if (index === undefined || item?.kind !== "permission") {
      return this.#push({ kind: "settled", ...placeOf(message), requestId, settled });
    }
    // The first answer counts.
    if (item.settled === null) this.#replace(index, { ...item, lastSeq: message.seq, settled });
  }

  /** A turn has a higher number than any before it, also where an agent is given the same text again. */
  #enterTurn(turn: number, at: number): void {
    if (turn > this.#turn) this.#endCalls(at);
    this.#turn = Math.max(turn, this.#turn);
  }

  /** No turn runs: what has not ended by now is not going on any more. */
  #endCalls(at: number): void {
    for (const index of this.#running) {
      const item = this.#items[index];
      if (item?.kind === "tool") this.#replace(index, { ...item, call: endedCall(item.call, at) });
    }
    this.#running.clear();
  }

  /** Puts items in the place of those that say the same, one for one. */
  keep(choose: (items: readonly Item[]) => readonly Item[]): void {
    for (const [index, item] of choose([...this.#items]).entries()) this.#items[index] = item;
  }

  #planLeft(turn: number): number {
    const index = this.#plans.get(turn);
    const item = index === undefined ? undefined : this.#items[index];
    return item?.kind === "plan" ? item.entries.filter(({ status }) => status !== "completed").length : 0;
  }

  #push(item: NewItem): void {
    const last = this.#items.at(-1);
    // Pieces of one message begin with the same one.
    const piece = last?.seq === item.seq && isText(last) ? this.#piece + 1 : 0;
    this.#piece = piece;
    this.#items.push({ ...item, key: piece === 0 ? `${item.kind}-${item.seq}` : `${item.kind}-${item.seq}-${piece}` });
  }

  #replace(index: number, item: Item): void {
    this.#items[index] = item;
  }
}

function placeOf({ seq, at }: HeldMessage) {
  return { seq, lastSeq: seq, at };
}

function isText(item: Item): item is ProseItem {
  return item.kind === "prose" || item.kind === "thought";
}

function unreadable(message: HeldMessage, why: string): NewItem {
  return { kind: "unreadable", ...placeOf(message), why };
}
