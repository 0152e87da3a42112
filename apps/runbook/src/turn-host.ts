/** A turn host is what a turn needs of its session: its state, its record, its client, and its processes. */
import type { SessionUpdate } from "@agentclientprotocol/sdk";

import type { JournalRecord } from "./journal-record.ts";
import type { Tree, TreeEnd, TreeProcess } from "./process-tree.ts";
import type { Run, SessionState } from "./session-state.ts";
import type { BlockAttempt } from "./session-update.ts";

export type Permission = "allowed" | "rejected" | "cancelled";

export interface TurnHost {
  readonly sessionId: string;
  readonly state: SessionState;
  /** Where the record is kept, for messages. */
  readonly journalPath: string;
  /** All processes that the session's blocks have started. */
  readonly tree: Tree;
  /** How many processes of an earlier process's block were ended when the session was loaded. */
  readonly endedAtOpening: number;
  /** Keeps a fact. Rejects with the system's error if it cannot be written. */
  record(record: JournalRecord): Promise<void>;
  /** Never rejects: a client that is gone has nothing to see. */
  show(update: SessionUpdate): Promise<void>;
  /** Shows a message and keeps it. Never rejects. */
  say(text: string): Promise<void>;
  ask(one: BlockAttempt, signal: AbortSignal): Promise<Permission>;
  blockStarted(leaderPid: number): void;
  blockEnded(leftRunning: readonly TreeProcess[]): void;
}

/** The stop of a turn, asked for from outside: by the client, or because this process has to end. */
export class TurnStop {
  readonly #abort = new AbortController();
  #outcome: "cancelled" | "interrupted" | undefined;
  #treeEnd: Promise<TreeEnd> | undefined;

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Undefined until the turn is stopped. */
  get outcome(): "cancelled" | "interrupted" | undefined {
    return this.#outcome;
  }

  /** Resolves when the processes have been ended; undefined until the turn is stopped. */
  get treeEnd(): Promise<TreeEnd> | undefined {
    return this.#treeEnd;
  }

  /** Only the first stop of a turn counts. */
  stop(outcome: "cancelled" | "interrupted", endProcesses: () => Promise<TreeEnd>): void {
    if (this.#outcome === undefined) {
      this.#outcome = outcome;
      this.#abort.abort();
      this.#treeEnd = endProcesses();
    }
  }
}

export interface TurnContext {
  readonly host: TurnHost;
  readonly run: Run;
  readonly stop: TurnStop;
}
