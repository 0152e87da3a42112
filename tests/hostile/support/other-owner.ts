/** Somebody else with a valid token, as a control plane with two owners would have it. */
import { createHash } from "node:crypto";
import { globSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { makeId } from "@sam/domain/ids";
import { ulid } from "ulid";

export const otherToken = `other-owner-${"x".repeat(40)}`;
const lifetimeMs = 3_600_000;

/** Before the control plane is up. */
export function addOtherOwner(dataDirectory: string): void {
  const hash = createHash("sha256").update(otherToken).digest("hex");
  for (const file of globSync(join(dataDirectory, "state/**/*.sqlite"))) {
    const database = new DatabaseSync(file);
    const hasTokens = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'api_tokens'").get() !== undefined;
    if (hasTokens) {
      const row = database.prepare("INSERT INTO api_tokens VALUES (?, ?, 'cli', ?, ?)");
      row.run(hash, makeId("user", ulid()), Date.now(), Date.now() + lifetimeMs);
    }
    database.close();
  }
}
