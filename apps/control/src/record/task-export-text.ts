/** The text of an export, piece by piece: its messages may be more than fit into memory. */
import type { TaskId, UserId } from "@sam/domain/ids";
import { taskExportFormat, taskExportVersion } from "@sam/protocol/task-export";
import { drizzle } from "drizzle-orm/d1";

import { withinD1 } from "../api/d1-deadline.ts";
import { outagesOf, settingsOf, type Env } from "../env.ts";
import { findKeyRing } from "../secret/secret-keys.ts";
import { openSecrets } from "../secret/secret-store.ts";
import { messagePart, nodeParts, rowPart, runnerPart } from "./export-parts.ts";
import { SecretRemoval } from "./secret-removal.ts";

/**
 * @returns the document as a stream of UTF-8. It ends at the newest message of the moment in which it was asked for.
 * What cannot be gathered is thrown before the first byte, but for later pages of messages, which break the stream off.
 */
export async function exportStream(env: Env, ownerId: UserId, taskId: TaskId, lastSeq: number, now: number) {
  const { values, unreadable } = await withinD1(openSecrets(drizzle(env.DB), await findKeyRing(env), ownerId));
  const removal = new SecretRemoval(values);
  const text = (value: unknown) => JSON.stringify(removal.from(value));
  const [runner, row] = [await runnerPart(env, taskId), await rowPart(env, taskId)];
  const head = {
    format: taskExportFormat,
    version: taskExportVersion,
    exportedAt: now,
    samVersion: env.SAM_VERSION,
    settings: settingsOf(env),
    outages: outagesOf(env),
    secretsRemoved: [...values.keys()],
    secretsNotLookedFor: unreadable,
    row,
    nodes: await nodeParts(env, ownerId, runner),
  };
  const opening = `${text(head).slice(0, -1)},"task":${text(runner).slice(0, -1)},"messages":[`;
  return streamOf(async function* () {
    yield opening;
    let [after, separator] = [0, ""];
    while (after < lastSeq) {
      const messages = await messagePart(env, taskId, after, lastSeq);
      if (messages.length === 0) throw new Error(`the messages after ${after} of ${lastSeq} are not there`);
      yield `${separator}${text(messages).slice(1, -1)}`;
      after = messages.at(-1)?.seq ?? lastSeq;
      separator = ",";
    }
    yield "]}}";
  });
}

/** Pulled as the client reads: no page is asked for before the one ahead of it is on its way. */
function streamOf(pieces: () => AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const iterator = pieces();
  return new ReadableStream({
    async pull(controller) {
      const next = await iterator.next();
      if (next.done === true) controller.close();
      else controller.enqueue(encoder.encode(next.value));
    },
    async cancel() {
      await iterator.return(undefined);
    },
  });
}
