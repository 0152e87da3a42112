/**
 * The journal of a session is the file that its records are kept in. A record is written whole and flushed to disk, or it
 * is not there: what a power cut leaves of a half-written last line is dropped at the next opening.
 */
import { mkdir, open, readFile, type FileHandle } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";

import { journalRecordSchema, type JournalRecord } from "./journal-record.ts";

/** The journal is there and cannot be understood; it was left as it is. */
export class JournalDamagedError extends Error {}

/** Where sessions are kept: `$SAM_AGENT_STATE`, else `sam-runbook` in `$XDG_STATE_HOME` or `~/.local/state`. */
export function stateFolder(environment: NodeJS.ProcessEnv): string {
  const own = environment["SAM_AGENT_STATE"];
  const shared = environment["XDG_STATE_HOME"] || join(homedir(), ".local", "state");
  return resolve(own || join(shared, "sam-runbook"));
}

export class SessionJournal {
  readonly path: string;
  readonly #file: FileHandle;
  #length: number;
  #queue: Promise<void> = Promise.resolve();

  private constructor(path: string, file: FileHandle, length: number) {
    this.path = path;
    this.#file = file;
    this.#length = length;
  }

  /** Starts the journal of a new session. Rejects with the system's error if the folder cannot be written. */
  static async create(folder: string, sessionId: string): Promise<SessionJournal> {
    const path = journalPath(folder, sessionId);
    // 0700 and 0600: output may hold secrets.
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(path, "wx", 0o600);
    await syncFolder(dirname(path));
    return new SessionJournal(path, file, 0);
  }

  /**
   * The records of a session; undefined if there is none. A half-written last line is left out. Rejects with
   * `JournalDamagedError` if another line is not a record.
   */
  static async read(folder: string, sessionId: string): Promise<JournalRecord[] | undefined> {
    const path = journalPath(folder, sessionId);
    try {
      return parseRecords(await readFile(path), path);
    } catch (error) {
      if (isMissing(error)) {
        return undefined;
      }
      throw error;
    }
  }

  /** Opens the journal of an earlier session, which no other process may have, for more records. */
  static async open(folder: string, sessionId: string): Promise<SessionJournal> {
    const path = journalPath(folder, sessionId);
    const length = lengthOfWholeLines(await readFile(path));
    const file = await open(path, "r+");
    await file.truncate(length);
    return new SessionJournal(path, file, length);
  }

  /**
   * Adds a record and resolves when it is on disk. Rejects with the system's error (a full disk) if it could not be; the
   * records before it are kept. What was merely said is not flushed by itself: it reaches the disk with the next fact.
   */
  append(record: JournalRecord): Promise<void> {
    const line = Buffer.from(`${JSON.stringify(record)}\n`);
    const written = this.#queue.then(() => this.#write(line, record.type !== "said"));
    this.#queue = written.catch(() => undefined);
    return written;
  }

  async close(): Promise<void> {
    await this.#queue;
    await this.#file.close();
  }

  async #write(line: Buffer, isFlushed: boolean): Promise<void> {
    try {
      for (let done = 0; done < line.byteLength;) {
        const { bytesWritten } = await this.#file.write(line, done, undefined, this.#length + done);
        done += bytesWritten;
      }
      if (isFlushed) {
        await this.#file.datasync();
      }
      this.#length += line.byteLength;
    } catch (error) {
      // A full disk may have taken half of the line; cutting it off needs no room.
      await this.#file.truncate(this.#length).catch(() => undefined);
      throw error;
    }
  }
}

/** Makes a new file's name as lasting as its contents. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function journalPath(folder: string, sessionId: string): string {
  return join(folder, "sessions", `${sessionId}.jsonl`);
}

function lengthOfWholeLines(bytes: Buffer): number {
  return bytes.lastIndexOf("\n") + 1;
}

function parseRecords(bytes: Buffer, path: string): JournalRecord[] {
  const lines = bytes.toString("utf8", 0, lengthOfWholeLines(bytes)).split("\n").slice(0, -1);
  return lines.map((line, at) => {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      value = undefined;
    }
    const record = journalRecordSchema.safeParse(value);
    if (!record.success) {
      throw new JournalDamagedError(
        `Line ${at + 1} of ${path} is not a record of a session. The file was left as it is.`,
      );
    }
    return record.data;
  });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
