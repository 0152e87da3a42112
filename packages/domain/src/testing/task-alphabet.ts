/**
 * Everything that can happen to a task, as far as it can make a difference: each event once for what is, and once for
 * what was (an older incarnation, an older turn, another node).
 */
import type { NodeTaskEvent } from "../node-task.ts";
import type { TaskEvent } from "../task-event.ts";
import type { TaskFacts } from "../task-facts.ts";
import type { Verdicts } from "../verdicts.ts";
import {
  agentGone,
  agentReady,
  asks,
  commandFailed,
  goodDelivery,
  modelFails,
  node,
  nextTaskId,
  otherNodeId,
  otherTaskId,
  released,
  turnEnded,
  update,
  workDiff,
} from "./task-life.ts";

const lost = { failure: "contact_lost", detail: "no heartbeat" } as const;
const refused = { failure: "quota_exceeded", detail: "quota" } as const;
const nothing = { holds: false, commits: 0, files: 0, insertions: 0, deletions: 0, headCommit: null };
const failedCheck = { outcome: "failed", command: "npm test", exitCode: 1, durationMs: 1, outputTail: "" } as const;

const byNode: readonly TaskEvent[] = [
  ...(["requested", "creating", "booting", "ready", "draining"] as const).flatMap((state): TaskEvent[] => [
    { type: "node_claimed", node: node(state) },
    { type: "node_observed", node: node(state) },
  ]),
  ...(["failed", "destroying", "destroyed"] as const).flatMap((state): TaskEvent[] => [
    { type: "node_observed", node: node(state, lost) },
    { type: "node_observed", node: node(state, refused) },
  ]),
  { type: "node_claimed", node: node("destroying", refused) },
  { type: "node_claimed", node: node("destroyed", lost) },
  { type: "node_claimed", node: node("ready", { nodeId: otherNodeId }) },
  { type: "node_observed", node: node("destroyed", { nodeId: otherNodeId }) },
  released(),
  released(otherNodeId),
  { type: "no_capacity", place: 2, why: "full" },
  { type: "no_capacity", place: 1, why: "full" },
  { type: "capacity_freed" },
  { type: "contact" },
];

const byPeople: readonly TaskEvent[] = [
  { type: "cancel_requested", by: "user" },
  { type: "answered", requestId: "q1", optionId: "yes", by: "user" },
  { type: "answered", requestId: "q2", optionId: null, by: "user" },
  { type: "follow_up", text: "And the tests?", interrupt: false, key: null },
  { type: "follow_up", text: "Stop. The tests first.", interrupt: true, key: null },
  { type: "interrupt_requested" },
  { type: "continued", by: nextTaskId, text: "Now the docs", summary: "It fixed the clock." },
  { type: "continued", by: otherTaskId, text: "Now the docs", summary: "It fixed the clock." },
  { type: "continuation_refused", by: nextTaskId, text: "Now the docs" },
  { type: "deliver_requested" },
];

const bySweep: readonly TaskEvent[] = [{ type: "recover" }, { type: "ended_by_sweep" }];

const delivered = (verdicts: Partial<Pick<Verdicts, "produced" | "checked" | "pushed">>): NodeTaskEvent => ({
  type: "delivered",
  verdicts: { ...goodDelivery, ...verdicts },
});

const ofWorkspace: readonly NodeTaskEvent[] = [
  { type: "workspace_accepted" },
  { type: "workspace_progress", phase: "mirror", bytes: null },
  { type: "workspace_ready", baseCommit: "ba5e", baseBranch: "main", path: "/w" },
  commandFailed("create_workspace", { reason: "repository_unreachable", retryable: true }),
  commandFailed("create_workspace", { reason: "repository_not_found" }),
  commandFailed("create_workspace", { reason: "workspace_failed", retryable: true, heldBy: otherTaskId }),
];

const ofDelivery: readonly NodeTaskEvent[] = [
  { type: "delivery_phase", phase: "checking" },
  delivered({}),
  delivered({ produced: nothing, pushed: null }),
  delivered({ checked: failedCheck }),
  delivered({ pushed: null }),
  commandFailed("deliver", { retryable: true }),
  commandFailed("deliver", { reason: "push_rejected", verdicts: { ...goodDelivery, pushed: null } }),
];

const ofTeardown: readonly NodeTaskEvent[] = [
  { type: "receipt", line: "signal_sent", proof: "SIGTERM" },
  { type: "receipt", line: "processes_gone", proof: "gone" },
  { type: "receipt", line: "workspace_saved", proof: "saved" },
  { type: "receipt", line: "workspace_removed", proof: "removed" },
  { type: "receipt", line: "machine_released", proof: "trust me" },
  { type: "torn_down", savedRef: null },
  commandFailed("tear_down", { retryable: true }),
  commandFailed("tear_down"),
];

const reached = (commandId: string): NodeTaskEvent => ({ type: "command_reached", commandId, reached: "agent" });

function ofAgent({ agent, turn, replies }: TaskFacts): readonly NodeTaskEvent[] {
  const incarnation = agent?.incarnation ?? 1;
  const number = turn?.number ?? 1;
  return [
    { type: "agent_phase", incarnation, phase: "initializing" },
    { type: "agent_phase", incarnation: incarnation - 1, phase: "initializing" },
    agentReady(incarnation, true),
    agentReady(incarnation),
    agentReady(incarnation - 1),
    agentGone(incarnation),
    agentGone(incarnation - 1),
    update(number),
    update(number - 1),
    turnEnded(number),
    turnEnded(number, "cancelled"),
    turnEnded(number, "end_turn", { kind: "unavailable", status: 500, detail: "" }),
    turnEnded(number - 1, "cancelled"),
    modelFails(number, "unavailable"),
    modelFails(number, "unauthorized"),
    modelFails(number - 1, "not_found"),
    reached(replies.at(-1)?.commandId ?? "nothing"),
    { type: "model_answering", turn: number },
    { type: "diff", diff: workDiff },
    asks("q1"),
    asks("q2"),
    asks("q3", { toolKind: "edit", insideWorkspace: true, sandboxed: false }),
    { type: "permission_settled", requestId: "q1", optionId: null },
    { type: "permission_settled", requestId: "q2", optionId: "yes" },
    commandFailed("start_agent", { reason: "agent_unknown" }),
    commandFailed("start_agent", { reason: "agent_start_failed" }),
    commandFailed("prompt", { reason: "agent_exited" }),
    commandFailed("answer"),
    commandFailed("cancel_turn"),
  ];
}

/** Every event but the alarm's look, whose moment the test chooses. Those of the VM agent bear the next number. */
export function alphabet(facts: TaskFacts): readonly TaskEvent[] {
  const seq = facts.nodeEventSeq + 1;
  const reported = [...ofWorkspace, ...ofAgent(facts), ...ofDelivery, ...ofTeardown];
  return [
    ...byNode,
    ...byPeople,
    ...bySweep,
    ...reported.map((event): TaskEvent => ({ type: "vm_agent", seq, event })),
    { type: "vm_agent_passed_over", seq, detail: "agent_update" },
  ];
}
