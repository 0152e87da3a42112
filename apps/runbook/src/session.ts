/**
 * A session is one conversation in one directory: its journal, the turn that it may be carrying out, and the processes
 * that its blocks have started. Sessions of one process share nothing.
 */
import { setTimeout as sleep } from "node:timers/promises";

import { RequestError, type PromptRequest, type PromptResponse, type SessionUpdate } from "@agentclientprotocol/sdk";

import type { JournalRecord, Mode } from "./journal-record.ts";
import { endTree, findProcess, type Tree, type TreeEnd, type TreeProcess } from "./process-tree.ts";
import { parseRunbook } from "./runbook.ts";
import type { SessionJournal } from "./session-journal.ts";
import { replayOf } from "./session-replay.ts";
import { applyRecord, stateOf, type SessionState } from "./session-state.ts";
import { agentMessage, pendingCall, type BlockAttempt } from "./session-update.ts";
import { TurnStop, type Permission, type TurnHost } from "./turn-host.ts";
import { resumeRun, startRun } from "./turn.ts";
import { ATTACHMENTS_IGNORED, endedWithSession } from "./wording.ts";

/** From SIGTERM to SIGKILL, and from the stop to the answer, whatever is then still running. */
const GRACE_MS = 2_000;
const REAP_GRACE_MS = 1_000;
const STOP_DEADLINE_MS = 2_700;
/** How long an ending turn has to record and say how it ended. */
const LAST_WORDS_MS = 500;

/** The client's side of a session. */
export interface SessionClient {
  /** Rejects if the client is gone. */
  show(sessionId: string, update: SessionUpdate): Promise<void>;
  /** Rejects if the client is gone or has no such method. */
  ask(sessionId: string, call: SessionUpdate & { sessionUpdate: "tool_call" }, signal: AbortSignal): Promise<Answer>;
}

/** What the person answered to "may this block run?". */
export type Answer = "once" | "always" | "reject" | "cancelled";

export interface SessionPrompt {
  readonly content: PromptRequest["prompt"];
  /** The client asks to go on with the last run, whatever the text says. */
  readonly isResumption: boolean;
  /** Its place in the order of the client's messages. */
  readonly arrival: number;
}

export class Session implements TurnHost {
  readonly sessionId: string;
  readonly state: SessionState;
  readonly #journal: SessionJournal;
  readonly #client: SessionClient;
  #turn: { readonly stop: TurnStop; readonly arrival: number; readonly ended: Promise<void> } | undefined;
  #lastCancel = 0;
  #leaderPid: number | undefined;
  #leftRunning: readonly TreeProcess[] = [];
  #endedAtOpening = 0;

  constructor(sessionId: string, journal: SessionJournal, client: SessionClient, records: readonly JournalRecord[]) {
    this.sessionId = sessionId;
    this.#journal = journal;
    this.#client = client;
    this.state = stateOf(records);
  }

  get journalPath(): string {
    return this.#journal.path;
  }

  get isBusy(): boolean {
    return this.#turn !== undefined;
  }

  get tree(): Tree {
    return { tagPrefix: `${this.sessionId}/`, leaderPid: this.#leaderPid, known: this.#leftRunning };
  }

  /**
   * Carries out a prompt. `signal` stops it: with a request error as its reason the client has cancelled the request, else
   * the client is gone.
   */
  async prompt(prompt: SessionPrompt, signal: AbortSignal): Promise<PromptResponse> {
    const stop = new TurnStop();
    const turn = Promise.withResolvers<void>();
    this.#turn = { stop, arrival: prompt.arrival, ended: turn.promise };
    const onAbort = (): void => this.#stop(signal.reason instanceof RequestError ? "cancelled" : "interrupted");
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) {
      onAbort();
    } else if (this.#lastCancel > prompt.arrival) {
      this.#stop("cancelled");
    }
    try {
      const response = await this.#carryOut(prompt, stop);
      return stop.outcome === undefined ? response : { ...response, stopReason: "cancelled" };
    } finally {
      signal.removeEventListener("abort", onAbort);
      this.#turn = undefined;
      turn.resolve();
    }
  }

  /** Cancels the turn of a prompt that arrived before; that prompt is then answered `cancelled`. */
  cancel(arrival: number): void {
    this.#lastCancel = Math.max(this.#lastCancel, arrival);
    if (this.#turn !== undefined && this.#turn.arrival < arrival) {
      this.#stop("cancelled");
    }
  }

  /** Ends the turn and all that the session left running. Resolves with the sentence that says so, if there was any. */
  async end(outcome: "cancelled" | "interrupted"): Promise<string | undefined> {
    this.#stop(outcome);
    await this.#turn?.stop.treeEnd;
    // A client that has stopped reading does not hold up the end.
    await Promise.race([this.#turn?.ended, sleep(LAST_WORDS_MS, undefined, { ref: false })]);
    const treeEnd = await this.#endProcesses();
    return treeEnd.ended.length + treeEnd.survivors.length === 0 ? undefined : endedWithSession(treeEnd);
  }

  async close(): Promise<void> {
    await this.#journal.close();
  }

  async setMode(mode: Mode): Promise<void> {
    if (mode !== this.state.mode) {
      await this.record({ type: "mode_set", mode });
    }
  }

  get endedAtOpening(): number {
    return this.#endedAtOpening;
  }

  /**
   * Ends what a process that had this session before left running: a block must not run beside its own second try.
   * Resolves with what could not be ended.
   */
  async reap(): Promise<readonly TreeProcess[]> {
    const { ended, survivors } = await endTree(this.tree, REAP_GRACE_MS, STOP_DEADLINE_MS);
    this.#endedAtOpening = ended.length;
    return survivors;
  }

  /** Notes that this process now has the session. */
  async open(): Promise<void> {
    const startTicks = findProcess(process.pid)?.startTicks ?? null;
    await this.record({ type: "session_opened", pid: process.pid, startTicks, atMs: Date.now() });
  }

  async replay(records: readonly JournalRecord[]): Promise<void> {
    for (const update of replayOf(records)) {
      await this.show(update);
    }
  }

  async record(record: JournalRecord): Promise<void> {
    await this.#journal.append(record);
    applyRecord(this.state, record);
  }

  async show(update: SessionUpdate): Promise<void> {
    await this.#client.show(this.sessionId, update).catch(() => undefined);
  }

  async say(text: string): Promise<void> {
    const messageId = crypto.randomUUID();
    await this.#journal.append({ type: "said", messageId, text }).catch(() => undefined);
    await this.show(agentMessage(messageId, text));
  }

  async ask(one: BlockAttempt, signal: AbortSignal): Promise<Permission> {
    // A client that cannot ask has not allowed anything.
    const answer = await this.#client.ask(this.sessionId, pendingCall(one), signal).catch(() => "reject");
    if (signal.aborted) {
      return "cancelled";
    }
    if (answer === "cancelled") {
      this.#stop("cancelled");
      return "cancelled";
    }
    if (answer === "always") {
      await this.setMode("run").catch(() => undefined);
      await this.show({ sessionUpdate: "current_mode_update", currentModeId: this.state.mode });
    }
    return answer === "reject" ? "rejected" : "allowed";
  }

  blockStarted(leaderPid: number): void {
    this.#leaderPid = leaderPid;
  }

  blockEnded(leftRunning: readonly TreeProcess[]): void {
    this.#leaderPid = undefined;
    this.#leftRunning = [...this.#leftRunning, ...leftRunning];
  }

  #stop(outcome: "cancelled" | "interrupted"): void {
    this.#turn?.stop.stop(outcome, () => this.#endProcesses());
  }

  async #endProcesses(): Promise<TreeEnd> {
    return endTree(this.tree, GRACE_MS, STOP_DEADLINE_MS);
  }

  async #carryOut({ content, isResumption }: SessionPrompt, stop: TurnStop): Promise<PromptResponse> {
    const text = content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
    const { run } = this.state;
    const isContinue = text.trim() === "continue";
    // A client that resumes without knowing how far we came sends the prompt again: it counts as new if it is unknown.
    const isKnown = run !== undefined && (run.completed < run.blocks.length || run.prompt === text);
    if (isContinue || (isResumption && isKnown)) {
      return resumeRun(this, stop, text);
    }
    if (content.some((part) => part.type !== "text")) {
      await this.say(ATTACHMENTS_IGNORED);
    }
    return startRun(this, stop, text, parseRunbook(text));
  }
}
