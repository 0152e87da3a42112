/** The log: one line of JSON on stderr for each fact. Never a secret, never the text of a prompt or of an agent. */

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Writes one fact with the time at which it was observed. Fields that are undefined are left out. */
export function logFact(fact: string, fields: LogFields = {}): void {
  process.stderr.write(`${JSON.stringify({ at: new Date().toISOString(), fact, ...fields })}\n`);
}
