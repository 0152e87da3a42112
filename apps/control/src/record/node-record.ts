/** The record of a NodeLifecycle: what it keeps of its own, and what it hands out for an export. */
import type { NodeEvent } from "@sam/domain/node-event";
import type { NodeFacts } from "@sam/domain/node-facts";
import { nodeMomentOf, quietNodeEvent, type NodeMoment } from "@sam/domain/record/node-moment";
import type { Settings } from "@sam/domain/settings";
import type { nodeEventSchema } from "@sam/protocol/lifecycle-event";
import type { DrizzleSqliteDODatabase } from "drizzle-orm/durable-sqlite";
import type { z } from "zod";

import type { TransitionRow } from "../lifecycle/lifecycle-store.ts";
import { readProviderCalls } from "./provider-calls.ts";
import { RecordLog } from "./record-log.ts";
import { readEffects, readRecord } from "./record-reader.ts";

export type NodeRecordLog = RecordLog<NodeFacts, NodeEvent, NodeMoment>;

export function nodeRecordLog(database: DrizzleSqliteDODatabase, settings: Settings): NodeRecordLog {
  return new RecordLog(database, { momentOf: nodeMomentOf, quietOf: quietNodeEvent, kept, settings });
}

/** A kind of event without a schema does not compile. */
function kept(event: NodeEvent): { readonly type: z.input<typeof nodeEventSchema>["type"] } {
  return event;
}

/** @returns JSON of an `ExportedNode`. */
export function exportNode(
  database: DrizzleSqliteDODatabase,
  { request }: NodeFacts,
  transitions: readonly TransitionRow[],
): string {
  return JSON.stringify({
    nodeId: request.nodeId,
    missing: null,
    request,
    record: readRecord(database),
    transitions,
    effects: readEffects(database),
    providerCalls: readProviderCalls(database),
  });
}
