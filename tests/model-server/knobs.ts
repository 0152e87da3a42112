/** The knobs of the model server say how it answers everybody, whatever the prompt is. */

export interface Knobs {
  /** The HTTP status to fail each call with, or null. */
  readonly status: number | null;
  /** Before the first byte of each answer. */
  readonly delayMs: number;
  /** Characters of a text in one piece, where its step doesn't say how many pieces there are. */
  readonly chunkSize: number;
  /** The key that it wants, or null: it takes any, and none. */
  readonly apiKey: string | null;
  /** The models that there are, or null: whichever is asked for. */
  readonly models: readonly string[] | null;
  /** Where to keep what was asked, word by word, to see how an agent speaks; null: nowhere. */
  readonly requestFolder: string | null;
}

export const defaultKnobs: Knobs = {
  status: null,
  delayMs: 0,
  chunkSize: 24,
  apiKey: null,
  models: null,
  requestFolder: null,
};
