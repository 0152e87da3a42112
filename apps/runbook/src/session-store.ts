/**
 * The session store has the sessions of this process, by id, and opens those that an earlier process left behind. A
 * session has one owner at a time: while another process has it, it is not opened.
 */
import { realpath, stat } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { RequestError } from "@agentclientprotocol/sdk";

import type { JournalRecord, Mode } from "./journal-record.ts";
import { findProcess } from "./process-tree.ts";
import { JournalDamagedError, SessionJournal } from "./session-journal.ts";
import { stateOf, type Owner } from "./session-state.ts";
import { Session, type SessionClient } from "./session.ts";
import { processList, reasonOf } from "./wording.ts";

const SESSION_ID = /^sess_[0-9a-f-]{36}$/;
/** An owner that was told to end needs up to three seconds. */
const OWNER_DEADLINE_MS = 4_000;

export class SessionStore {
  readonly #folder: string;
  readonly #sessions = new Map<string, Session>();
  readonly #loading = new Set<string>();

  /** `folder` is where the journals are kept. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The session with this id. Throws ACP's "resource not found" if this process does not have it. */
  get(sessionId: string): Session {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) {
      throw RequestError.sessionNotFound(sessionId);
    }
    return session;
  }

  all(): Session[] {
    return [...this.#sessions.values()];
  }

  async create(cwd: string, mode: Mode, client: SessionClient): Promise<Session> {
    await checkDirectory(cwd);
    const sessionId = `sess_${crypto.randomUUID()}`;
    try {
      const journal = await SessionJournal.create(this.#folder, sessionId);
      const session = new Session(sessionId, journal, client, []);
      await session.record({ type: "session_created", version: 1, sessionId, cwd, mode, atMs: Date.now() });
      await session.open();
      this.#sessions.set(sessionId, session);
      return session;
    } catch (error) {
      throw unwritable(this.#folder, error);
    }
  }

  /**
   * Opens an earlier session, ends what its blocks left running, and tells it to the client again. Throws ACP's errors:
   * not found; invalid params, if `cwd` is another directory; invalid request, if it is in use; internal, if its journal
   * cannot be read or written.
   */
  async load(sessionId: string, cwd: string, client: SessionClient): Promise<Session> {
    await checkDirectory(cwd);
    const present = this.#sessions.get(sessionId);
    if (present?.isBusy || this.#loading.has(sessionId)) {
      throw invalidRequest("sessionId", "This session is carrying out a request. Cancel it, or wait for its end.");
    }
    this.#loading.add(sessionId);
    try {
      const records = await this.#readRecords(sessionId);
      const state = stateOf(records);
      await checkSameDirectory(state.cwd, cwd);
      const session = present ?? (await this.#open(sessionId, state.owner, client));
      await session.replay(await this.#readRecords(sessionId));
      return session;
    } finally {
      this.#loading.delete(sessionId);
    }
  }

  /** Forgets the session; it can be loaded again. */
  async close(session: Session): Promise<void> {
    this.#sessions.delete(session.sessionId);
    await session.close();
  }

  async #open(sessionId: string, owner: Owner | undefined, client: SessionClient): Promise<Session> {
    await waitForOwner(owner);
    // Read again: an owner that was about to end has recorded how its block ended.
    const records = await this.#readRecords(sessionId);
    const journal = await SessionJournal.open(this.#folder, sessionId).catch((error: unknown) => {
      throw unwritable(this.#folder, error);
    });
    const session = new Session(sessionId, journal, client, records);
    try {
      const survivors = await session.reap();
      if (survivors.length > 0) {
        const text = `What the session had started is still running and cannot be ended: ${processList(survivors)}.`;
        throw RequestError.internalError({ details: `${text} The session was left as it is.` });
      }
      await session.open().catch((error: unknown) => {
        throw unwritable(this.#folder, error);
      });
    } catch (error) {
      await session.close();
      throw error;
    }
    this.#sessions.set(sessionId, session);
    return session;
  }

  async #readRecords(sessionId: string): Promise<JournalRecord[]> {
    // The id becomes a file name.
    if (!SESSION_ID.test(sessionId)) {
      throw RequestError.sessionNotFound(sessionId);
    }
    const records = await SessionJournal.read(this.#folder, sessionId).catch((error: unknown) => {
      const details = error instanceof JournalDamagedError ? error.message : `Cannot read it: ${reasonOf(error)}.`;
      throw RequestError.internalError({ details });
    });
    if (records === undefined) {
      throw RequestError.sessionNotFound(sessionId);
    }
    return records;
  }
}

async function checkDirectory(cwd: string): Promise<void> {
  if (!isAbsolute(cwd)) {
    throw invalidParams("cwd", `"${cwd}" is not an absolute path.`);
  }
  const found = await stat(cwd).catch(() => undefined);
  if (found === undefined || !found.isDirectory()) {
    throw invalidParams("cwd", `"${cwd}" is not a directory.`);
  }
}

async function checkSameDirectory(own: string, given: string): Promise<void> {
  const [before, now] = await Promise.all([realpath(own).catch(() => own), realpath(given)]);
  if (before !== now) {
    throw invalidParams("cwd", `The session works in "${own}", not in "${given}".`);
  }
}

async function waitForOwner(owner: Owner | undefined): Promise<void> {
  const untilMs = performance.now() + OWNER_DEADLINE_MS;
  while (owner !== undefined && owner.pid !== process.pid && isRunning(owner)) {
    if (performance.now() > untilMs) {
      const text = `The process ${owner.pid} has this session and did not end within ${OWNER_DEADLINE_MS / 1000} s.`;
      throw invalidRequest("sessionId", `${text} End it, then load the session again.`);
    }
    await sleep(50);
  }
}

function isRunning(owner: Owner): boolean {
  return owner.startTicks !== null && findProcess(owner.pid)?.startTicks === owner.startTicks;
}

function unwritable(folder: string, error: unknown): RequestError {
  return RequestError.internalError({
    details: `The session cannot be kept in ${folder}: ${reasonOf(error)}. Make room there, or name another folder in SAM_AGENT_STATE.`,
  });
}

function invalidParams(field: string, text: string): RequestError {
  return RequestError.invalidParams({ field, details: text }, text);
}

function invalidRequest(field: string, text: string): RequestError {
  return RequestError.invalidRequest({ field, details: text }, text);
}
