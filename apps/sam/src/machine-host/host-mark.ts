/**
 * The host mark tells the processes of one data directory's machine hosts from those of any other. Everything that a
 * machine host starts carries it in SAM_MACHINE_HOST, followed by a colon and a part that is new at each start.
 */
import { createHash } from "node:crypto";

/** @param dataDir the data directory's real path. */
export function hostMark(dataDir: string): string {
  return createHash("sha256").update(dataDir).digest("hex").slice(0, 16);
}
