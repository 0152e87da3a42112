/** What a sweep reads, asks and tells: D1, the owner of each row by its id, the provider and a clock. */
import type { NodeId, TaskId } from "@sam/domain/ids";
import type { Settings } from "@sam/domain/settings";
import type { OwnerSays } from "@sam/domain/sweep";
import type { NodeView } from "@sam/protocol/node-api";
import type { Provider } from "@sam/providers/provider";
import type { DrizzleD1Database } from "drizzle-orm/d1";

import { databaseOf } from "../database/built-once.ts";
import { settingsOf, type Env } from "../env.ts";
import { within } from "../lifecycle/deadline.ts";
import { providerOf } from "../node/node-provider.ts";
import { report } from "../system/report.ts";

/** The owner of a row. Each call has a deadline. */
export interface RowOwner {
  /** What it says of itself. Changes nothing. */
  probe(): Promise<OwnerSays>;
  /** Looks, decides, and sets its alarm again. */
  recover(): Promise<void>;
  projectAgain(): Promise<void>;
}

export interface NodeOwner extends RowOwner {
  release(taskId: TaskId): Promise<void>;
  /** Null where it was never requested. */
  view(): Promise<NodeView | null>;
  /** The provider did not list its server, twice: it asks by itself. */
  serverUnlisted(): Promise<void>;
}

export interface SweepWorld {
  readonly database: DrizzleD1Database;
  readonly settings: Settings;
  /** Whose tag is ours; null: it is not set, and nothing is. */
  readonly installationId: string | null;
  readonly providerName: string;
  /** Throws where this installation has no access to it. */
  readonly provider: () => Provider;
  readonly task: (taskId: TaskId) => RowOwner;
  readonly node: (nodeId: NodeId) => NodeOwner;
  readonly clock: () => number;
  readonly report: (what: string, error: unknown) => void;
}

/** How long one owner may take to answer before it counts as unreachable. */
const callTimeoutMs = 5_000;

export function sweepWorldOf(env: Env): SweepWorld {
  return {
    database: databaseOf(env),
    settings: settingsOf(env),
    installationId: env.INSTALLATION_ID ?? null,
    providerName: env.PROVIDER,
    provider: () => providerOf(env),
    task: (taskId) => {
      const runner = env.TASK_RUNNER.getByName(taskId);
      return {
        probe: () => within<OwnerSays>(taskId, callTimeoutMs, runner.probe()),
        recover: () => within(taskId, callTimeoutMs, runner.recover()),
        projectAgain: () => within(taskId, callTimeoutMs, runner.projectAgain()),
      };
    },
    node: (nodeId) => {
      const lifecycle = env.NODE_LIFECYCLE.getByName(nodeId);
      return {
        probe: () => within<OwnerSays>(nodeId, callTimeoutMs, lifecycle.probe()),
        recover: () => within(nodeId, callTimeoutMs, lifecycle.recover()),
        projectAgain: () => within(nodeId, callTimeoutMs, lifecycle.projectAgain()),
        release: async (taskId) => {
          await within(nodeId, callTimeoutMs, lifecycle.release(taskId, null));
        },
        view: () => within<NodeView | null>(nodeId, callTimeoutMs, lifecycle.view()),
        serverUnlisted: () => within(nodeId, callTimeoutMs, lifecycle.serverUnlisted()),
      };
    },
    clock: () => Date.now(),
    report,
  };
}
