/** A call is one request that the model server got, for a test to look at. It holds no key and no text. */
import type { DialectName } from "./dialects/dialect.ts";
import type { Purpose } from "./route.ts";

export interface Call {
  /** Null where it is not known, or the same in several. */
  readonly dialect: DialectName | null;
  readonly purpose: Purpose;
  readonly path: string;
  /** Null until the request has been read. */
  model: string | null;
  /** The last four characters of the key, or null where none was given. */
  readonly keyFingerprint: string | null;
  readonly startedAt: number;
  /** Null while nothing has been answered. */
  status: number | null;
  /** When the answer was complete, or the client had gone away; null until then. */
  endedAt: number | null;
  /** Whether the client had gone away before the answer was complete. */
  isCutShort: boolean;
}
