import { describe, expect, it } from "vitest";

import {
  breachesOf,
  cancelledRecord,
  completedRecord,
  systemRecord,
  withLast,
  withNodes,
  withTasks,
} from "../testing/rule-records.ts";
import { nodeId, taskId } from "../testing/task-life.ts";
import { checkSystem, checkTask } from "./check.ts";
import type { ProcessRecord } from "./system-record.ts";
import { lastState } from "./task-record.ts";

function withProcesses(...processes: readonly Partial<ProcessRecord>[]) {
  const one = { pid: 4711, taskId: null, serverId: null, isAgent: true, command: "node runbook.mjs" };
  return { ...systemRecord(), processes: processes.map((process) => ({ ...one, ...process })) };
}

describe("nothing is left running", () => {
  it("holds for a task that was completed, for one that was cancelled, and for a system at rest", () => {
    expect(breachesOf(checkTask(completedRecord()), 9)).toEqual([]);
    expect(breachesOf(checkTask(cancelledRecord()), 9)).toEqual([]);
    expect(breachesOf(checkSystem(systemRecord()), 9)).toEqual([]);
  });

  it("is broken by a receipt with a line that is neither proven nor named, or both, or twice", () => {
    const record = cancelledRecord();
    const receipt = lastState(record)?.receipt ?? [];
    const lines = (change: Parameters<typeof withLast>[1]) => breachesOf(checkTask(withLast(record, change)), 9);
    expect(lines({ receipt: receipt.slice(1) })).toEqual(["a line is neither proven nor named: signal_sent"]);
    expect(lines({ receipt: receipt.slice(1), unproven: ["signal_sent"] })).toEqual([]);
    expect(lines({ unproven: ["signal_sent"] })).toEqual(["a line is proven and named unproven: signal_sent"]);
    expect(lines({ receipt: [...receipt, ...receipt.slice(0, 1)] })).toEqual([
      "a line of the receipt is proven twice: signal_sent",
    ]);
  });

  it("is broken by an end that keeps its machine, the grace aside", () => {
    const record = withLast(completedRecord(), { nodeId });
    expect(breachesOf(checkTask(record), 9)[0]).toContain(`and still claims ${nodeId}`);
    expect(breachesOf(checkTask({ ...record, graceMs: 60_000 }), 9)).toEqual([]);
    expect(breachesOf(checkSystem(withTasks(systemRecord(), { nodeId })), 9)[0]).toContain(
      `and still claims ${nodeId}`,
    );
    expect(breachesOf(checkSystem(withNodes(systemRecord(), { claims: [taskId] })), 9)).toEqual([
      `${taskId} claims it, which is completed`,
    ]);
  });

  it("is broken by a process of a task that has ended, and of one that nobody knows", () => {
    const broken = checkSystem(withProcesses({ taskId }, { taskId: "task_unknown" }));
    expect(breachesOf(broken, 9)).toEqual([
      `it runs for ${taskId}, which is completed: node runbook.mjs`,
      "it runs for task_unknown, which is no task: node runbook.mjs",
    ]);
  });

  it("is broken by a process on a server that the provider does not list", () => {
    expect(breachesOf(checkSystem(withProcesses({ serverId: "8" })), 9)).toEqual([
      "it runs on server 8, which is not listed: node runbook.mjs",
    ]);
    expect(breachesOf(checkSystem(withProcesses({ serverId: "7" })), 9)).toEqual([]);
  });

  it("is broken by two agents of one task", () => {
    const works = withTasks(withProcesses({ taskId }, { taskId, pid: 4712 }), {
      clocks: { inStateSince: 1, lastProgressAt: null, lastContactAt: null, frozenAt: null },
    });
    expect(breachesOf(checkSystem(works), 9)).toEqual(["it has 2 agents at once: pids 4711, 4712"]);
  });

  it("is broken by a server of a node that is destroyed, and by a node without its server", () => {
    const record = systemRecord();
    const destroyed = breachesOf(checkSystem(withNodes(record, { state: "destroyed" })), 9);
    expect(destroyed[0]).toContain("and the provider lists 7 for it");
    const bare = breachesOf(checkSystem({ ...record, servers: [], processes: [] }), 9);
    expect(bare[0]).toContain("and the provider lists no server for it");
  });

  it("is broken by a workspace that stands although its removal was proven", () => {
    const record = { ...systemRecord(), workspaces: [{ taskId, path: "/disk/workspaces/one" }] };
    expect(breachesOf(checkSystem(record), 9)[0]).toContain("and stands at /disk/workspaces/one");
    expect(breachesOf(checkSystem(withTasks(record, { receipt: [] })), 9)).toEqual([]);
  });
});
