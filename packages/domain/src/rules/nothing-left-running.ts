/**
 * Rule 9. A cancel yields a receipt, each line proven or named as not proven; and what runs at the provider, in the process
 * table and on the disks is what somebody still wants.
 */
import { isFinalNodeState } from "../node-lifecycle.ts";
import { receiptLines } from "../receipt.ts";
import { moment, notObserved, repeated, type Breach, type Clause, type Rule, when } from "./rule.ts";
import { isLongOver, nodeLabelName, ownServers, type ProcessRecord, type SystemRecord } from "./system-record.ts";
import { lastState, type TaskRecord, type TaskState } from "./task-record.ts";

/** @returns in words what is wrong with a receipt. */
export function wrongReceipt({ step, receipt, unproven }: Pick<TaskState, "step" | "receipt" | "unproven">) {
  const proven = receipt.map(({ line }) => line);
  const wrong = repeated(proven).map((line) => `a line of the receipt is proven twice: ${line}`);
  const open = receiptLines.filter((line) => !proven.includes(line) && !unproven.includes(line));
  if (step === "cancelled") wrong.push(...open.map((line) => `a line is neither proven nor named: ${line}`));
  const both = unproven.filter((line) => proven.includes(line));
  return [...wrong, ...both.map((line) => `a line is proven and named unproven: ${line}`)];
}

const receiptIsWhole: Clause<TaskRecord> = {
  says: "a cancelled task's receipt proves each line once, or names it as not proven",
  check: (record) => {
    const state = lastState(record);
    if (state === null) return notObserved("its receipt");
    return wrongReceipt(state).map((what) => ({ about: record.taskId, what }));
  },
};

const letsItsMachineGo: Clause<TaskRecord> = {
  says: "a task that has ended lets its machine go",
  check: (record) => {
    const state = lastState(record);
    if (state === null) return notObserved("its machine");
    const { frozenAt } = state.clocks;
    const isOver = frozenAt !== null && frozenAt + record.graceMs <= record.readAt;
    return when(isOver && state.nodeId !== null, record.taskId, () => {
      return `it is ${state.step} since ${moment(frozenAt ?? 0)}, and still claims ${state.nodeId}`;
    });
  },
};

const receiptsAreWhole: Clause<SystemRecord> = {
  says: "every cancelled task's receipt proves each line once, or names it as not proven",
  check: ({ tasks }) =>
    tasks.flatMap((task) => wrongReceipt(task).map((what): Breach => ({ about: task.taskId, what }))),
};

const claimsAreWanted: Clause<SystemRecord> = {
  says: "a machine is claimed by tasks that still want it, and by those alone",
  check: (record) => {
    const { tasks, nodes } = record;
    if (nodes === undefined) return notObserved("the nodes");
    const states = new Map(tasks.map((task) => [task.taskId, task]));
    const idle = nodes.flatMap(({ nodeId, claims }) =>
      claims.flatMap((taskId) => {
        const task = states.get(taskId);
        const isWrong = task === undefined || isLongOver(record, task);
        return when(isWrong, nodeId, () => `${taskId} claims it, which is ${task?.step ?? "no task"}`);
      }),
    );
    const held = tasks.flatMap((task) =>
      when(isLongOver(record, task) && task.nodeId !== null, task.taskId, () => {
        return `it is ${task.step} since ${moment(task.clocks.frozenAt ?? 0)}, and still claims ${task.nodeId}`;
      }),
    );
    return [...idle, ...held];
  },
};

const serversAreWanted: Clause<SystemRecord> = {
  says: "every server of ours belongs to a node that is not destroyed, and every node in use has its server",
  check: (record) => {
    const servers = ownServers(record);
    if (servers === null || record.nodes === undefined) return notObserved("the provider's listing and the nodes");
    const { nodes, at, graceMs } = record;
    const isSettled = (inStateSince: number) => inStateSince + graceMs <= at;
    return nodes.flatMap(({ nodeId, state, inStateSince }) => {
      const its = servers.filter(({ labels }) => labels[nodeLabelName] === nodeId).map(({ serverId }) => serverId);
      const isOver = isFinalNodeState(state);
      const isInUse = state === "ready" || state === "warm" || state === "booting";
      return [
        ...when(isOver && its.length > 0 && isSettled(inStateSince), nodeId, () => {
          return `it is destroyed since ${moment(inStateSince)}, and the provider lists ${its.join(", ")} for it`;
        }),
        ...when(isInUse && its.length === 0 && isSettled(inStateSince), nodeId, () => {
          return `it is ${state} since ${moment(inStateSince)}, and the provider lists no server for it`;
        }),
      ];
    });
  },
};

const nameOf = ({ pid, command }: ProcessRecord) => ({ about: `pid ${pid}`, command: command.slice(0, 120) });

const processesAreWanted: Clause<SystemRecord> = {
  says: "no process runs for a task that has ended, or on a server that the provider does not list",
  check: (record) => {
    const { tasks, processes } = record;
    if (processes === undefined) return notObserved("the process table");
    const states = new Map(tasks.map((task) => [task.taskId, task]));
    const listed = record.servers === undefined ? null : new Set(record.servers.map(({ serverId }) => serverId));
    return processes.flatMap((one) => {
      const { about, command } = nameOf(one);
      const task = one.taskId === null ? undefined : states.get(one.taskId);
      const isLeft = one.taskId !== null && (task === undefined || isLongOver(record, task));
      const isOutside = one.serverId !== null && listed !== null && !listed.has(one.serverId);
      return [
        ...when(isLeft, about, () => `it runs for ${one.taskId}, which is ${task?.step ?? "no task"}: ${command}`),
        ...when(isOutside, about, () => `it runs on server ${one.serverId}, which is not listed: ${command}`),
      ];
    });
  },
};

const oneAgentEach: Clause<SystemRecord> = {
  says: "no task has two agents at once",
  check: ({ processes }) => {
    if (processes === undefined) return notObserved("the process table");
    const agents = Map.groupBy(
      processes.filter(({ isAgent, taskId }) => isAgent && taskId !== null),
      ({ taskId }) => taskId ?? "",
    );
    return [...agents].flatMap(([taskId, own]) => {
      const pids = own.map(({ pid }) => pid).join(", ");
      return when(own.length > 1, taskId, () => `it has ${own.length} agents at once: pids ${pids}`);
    });
  },
};

const removedIsGone: Clause<SystemRecord> = {
  says: "a workspace whose removal is proven is gone from the disk",
  check: (record) => {
    if (record.workspaces === undefined) return notObserved("the disks");
    const states = new Map(record.tasks.map((task) => [task.taskId, task]));
    return record.workspaces.flatMap(({ taskId, path }) => {
      const proof = states.get(taskId)?.receipt.find(({ line }) => line === "workspace_removed");
      return when(proof !== undefined, taskId, () => {
        return `its workspace was said to be removed at ${moment(proof?.at ?? 0)} (${proof?.proof}), and stands at ${path}`;
      });
    });
  },
};

export const nothingLeftRunning: Rule = {
  number: 9,
  ofTask: [receiptIsWhole, letsItsMachineGo],
  ofSystem: [receiptsAreWhole, claimsAreWanted, serversAreWanted, processesAreWanted, oneAgentEach, removedIsGone],
};
