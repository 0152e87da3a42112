/** A model server's own words about a failure, found by structure in what it answered. */
import { z } from "zod";

import { clipHead } from "../clipped-text.ts";

const maxWords = 600;

const errorSchema = z.union([
  z.string(),
  z.object({
    message: z.string(),
    code: z.unknown().optional(),
    type: z.unknown().optional(),
    status: z.unknown().optional(),
  }),
]);
const bodySchema = z.union([
  z.object({ error: errorSchema }),
  z.array(z.object({ error: errorSchema })).min(1),
  z.object({ message: z.string() }),
  z.object({ detail: z.string() }),
]);

export interface ServerError {
  readonly words: string;
  /** What names the kind of error, most telling first. */
  readonly names: readonly unknown[];
}

/** @returns null where the value says nothing of an error. */
export function readServerError(value: unknown): ServerError | null {
  const parsed = bodySchema.safeParse(value);
  if (!parsed.success) return null;
  const body = Array.isArray(parsed.data) ? parsed.data[0] : parsed.data;
  if (body === undefined) return null;
  if ("message" in body) return { words: oneLine(body.message), names: [] };
  if ("detail" in body) return { words: oneLine(body.detail), names: [] };
  const { error } = body;
  if (typeof error === "string") return { words: oneLine(error), names: [] };
  return { words: oneLine(error.message), names: [error.code, error.type, error.status] };
}

/** @returns the words of an answer's body; of one that is no JSON, its beginning. */
export function wordsOfBody(body: string): string {
  try {
    return readServerError(JSON.parse(body))?.words ?? oneLine(body);
  } catch {
    return oneLine(body);
  }
}

export function oneLine(text: string): string {
  return clipHead(text.replaceAll(/[\s\p{Cc}]+/gu, " ").trim(), maxWords);
}
