/**
 * A trimmed update is an agent's update made small enough for one event, its structure kept: the longest texts lose their
 * middle first. What was left out is said in place, and in sum under `_meta["sam.dev/leftOutBytes"]`.
 */

export type Update = Readonly<Record<string, unknown>>;

/** A frame holds at least one event with its envelope. */
export const maxUpdateBytes = 240 * 1024;
const textLimits = [64 * 1024, 16 * 1024, 4 * 1024, 1024, 128];
const maxItems = 256;

/** @returns the update itself where it is small enough. */
export function trimUpdate(update: Update, maxBytes = maxUpdateBytes): Update {
  const bytes = sizeOf(update);
  if (bytes <= maxBytes) return update;
  for (const limit of textLimits) {
    const trimmed = trimRecord(update, limit);
    const size = sizeOf(trimmed);
    if (size <= maxBytes - 1024) return withNote(trimmed, bytes - size);
  }
  const kind = typeof update["sessionUpdate"] === "string" ? update["sessionUpdate"].slice(0, 64) : "unknown";
  return withNote({ sessionUpdate: kind }, bytes);
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

function withNote(update: Update, leftOutBytes: number): Update {
  const meta = isRecord(update["_meta"]) ? update["_meta"] : {};
  return { ...update, _meta: { ...meta, "sam.dev/leftOutBytes": leftOutBytes } };
}

function trim(value: unknown, limit: number): unknown {
  if (typeof value === "string") return trimText(value, limit);
  if (Array.isArray(value)) return trimItems(value, limit);
  return isRecord(value) ? trimRecord(value, limit) : value;
}

function trimRecord(record: Update, limit: number): Update {
  // Half an image is no image.
  const isMedia = record["type"] === "image" || record["type"] === "audio";
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => {
      const isData = isMedia && key === "data" && typeof value === "string" && value.length > limit;
      return [key, isData ? "" : trim(value, limit)];
    }),
  );
}

function trimItems(items: readonly unknown[], limit: number): unknown[] {
  const kept = items.length <= maxItems ? items : items.slice(0, maxItems);
  return kept.map((item) => trim(item, limit));
}

/** The beginning and the end stay: the command stands in the one, the error in the other. */
function trimText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const half = Math.floor(limit / 2);
  const head = text.slice(0, half);
  const tail = text.slice(text.length - half);
  const leftOut = Buffer.byteLength(text) - Buffer.byteLength(head) - Buffer.byteLength(tail);
  return `${head}\n… [${leftOut} bytes left out] …\n${tail}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
