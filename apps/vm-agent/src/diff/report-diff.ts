/**
 * Reporting the diff: said when it is another one than was said last. It is shown to people and nothing depends on it, so
 * where it can't be made the task goes on without.
 */
import { createHash } from "node:crypto";

import type { WorkDiff } from "@sam/domain/diff";

import { messageOf } from "../clipped-text.ts";
import { logFact } from "../log.ts";
import type { SecretMask } from "../secret/secret-mask.ts";
import type { Job } from "../task/job.ts";

/** @param make makes the diff with the secrets of the task's owner taken out. */
export async function reportDiff(job: Job, make: (mask: SecretMask) => Promise<WorkDiff>): Promise<void> {
  const { node, taskId, signal } = job;
  try {
    const diff = await make(node.secrets.mask(taskId));
    const hash = createHash("sha256").update(JSON.stringify(diff)).digest("hex");
    const { reportedDiff } = node.records.get(taskId);
    const isNothingNew = reportedDiff === null ? diff.files.length === 0 : reportedDiff === hash;
    if (isNothingNew || signal.aborted) return;
    await node.state.commit(() => {
      node.records.update(taskId, { reportedDiff: hash });
      node.outbox.append(taskId, { type: "diff", diff });
    });
  } catch (error) {
    if (!signal.aborted) logFact("diff_not_made", { taskId, error: messageOf(error) });
  }
}
