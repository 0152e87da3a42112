/** What a VM agent reports where all goes well, command by command; a test changes the part that it is about. */
import type { WorkDiff } from "@sam/domain/diff";
import type { ModelFailureKind } from "@sam/domain/model-calls";
import type { NodeCommand, NodeCommandBody, NodeTaskEvent } from "@sam/domain/node-task";

import type { Habits } from "./vm-agent-double.ts";

export const baseCommit = "1".repeat(40);
export const headCommit = "2".repeat(40);

type EventOf<Type extends NodeTaskEvent["type"]> = Extract<NodeTaskEvent, { type: Type }>;

export const accepted: NodeTaskEvent = { type: "workspace_accepted" };
export const checkedOut: EventOf<"workspace_ready"> = {
  type: "workspace_ready",
  baseCommit,
  baseBranch: "main",
  path: "/w",
};

export function bytesArrived(bytes: number): NodeTaskEvent {
  return { type: "workspace_progress", phase: "mirror", bytes };
}

export function agentReady(incarnation = 1, loaded = false): NodeTaskEvent {
  const sessionId = "session-1";
  return { type: "agent_ready", incarnation, sessionId, canLoadSession: true, loaded, name: "Double", version: "1" };
}

/** One line of prose of the agent. */
export function prose(turn: number, text: string): NodeTaskEvent {
  const update = { sessionUpdate: "agent_message_chunk", content: { type: "text", text } };
  return { type: "agent_update", turn, update };
}

export function turnEnded(turn = 1, reportedFailure: string | null = null): NodeTaskEvent {
  return { type: "turn_ended", turn, stopReason: "end_turn", reportedFailure, usage: null, model: null };
}

/** What the node saw of a model call that failed. */
export function modelFails(turn: number, kind: ModelFailureKind): NodeTaskEvent {
  const failure = { kind, status: kind === "unauthorized" ? 401 : 503, detail: "the server's own words" };
  return { type: "model_failing", turn, failure, failures: 1 };
}

export const workDiff: WorkDiff = {
  baseCommit,
  files: [{ path: "clock.ts", oldPath: null, status: "modified", insertions: 1, deletions: 1 }],
  patch: "--- a/clock.ts\n+++ b/clock.ts\n@@ -1 +1 @@\n-late\n+on time\n",
  leftOutFiles: [],
};

export const permissionRequested: NodeTaskEvent = {
  type: "permission_requested",
  requestId: "permission-1",
  title: "Run rm -rf build",
  detail: "rm -rf build",
  scope: { toolKind: "execute", insideWorkspace: true, sandboxed: true },
  options: [
    { optionId: "yes", name: "Allow", kind: "allow_once" },
    { optionId: "no", name: "Reject", kind: "reject_once" },
  ],
};

export const produced = {
  holds: true,
  commits: 1,
  files: 2,
  insertions: 10,
  deletions: 3,
  headCommit,
};
export const pushed = { holds: true, ref: "refs/heads/sam/double", commit: headCommit, detail: "the remote lists it" };
export const checkPassed = {
  outcome: "passed",
  command: "npm test",
  exitCode: 0,
  durationMs: 5,
  outputTail: "ok",
} as const;

export function delivered(verdicts: Partial<EventOf<"delivered">["verdicts"]> = {}): NodeTaskEvent {
  return { type: "delivered", verdicts: { produced, checked: checkPassed, pushed, ...verdicts } };
}

export const receipt: readonly NodeTaskEvent[] = [
  { type: "receipt", line: "signal_sent", proof: "SIGTERM to the process group 4711" },
  { type: "receipt", line: "processes_gone", proof: "no process carries the task's mark" },
  { type: "receipt", line: "workspace_saved", proof: "nothing was uncommitted" },
  { type: "receipt", line: "workspace_removed", proof: "the directory is gone" },
];

export const tornDown: readonly NodeTaskEvent[] = [...receipt, { type: "torn_down", savedRef: null }];

/** @returns what follows a command where all goes well. */
export function answerTo(body: NodeCommandBody): readonly NodeTaskEvent[] {
  switch (body.type) {
    case "create_workspace": {
      const { savedWork: broughtBack = null } = body;
      const ready = broughtBack === null ? checkedOut : { ...checkedOut, broughtBack };
      return [accepted, bytesArrived(1_000), bytesArrived(2_000), ready];
    }
    case "start_agent": {
      const { incarnation, loadSessionId } = body;
      return [{ type: "agent_phase", incarnation, phase: "spawning" }, agentReady(incarnation, loadSessionId !== null)];
    }
    case "prompt":
      return [prose(body.turn, `I begin: ${body.text}`), prose(body.turn, "I am done."), turnEnded(body.turn)];
    case "answer":
      return [{ type: "permission_settled", requestId: body.requestId, optionId: body.optionId }];
    case "cancel_turn":
      return [];
    case "deliver":
      return [
        { type: "delivery_phase", phase: "committing" },
        { type: "delivery_phase", phase: "pushing" },
        delivered(),
      ];
    case "tear_down":
      return tornDown;
  }
}

/** A habit: carries out everything that it is told, at once. */
export function working(
  answers: (command: NodeCommand) => readonly NodeTaskEvent[] = ({ body }) => answerTo(body),
): Habits["onCommand"] {
  return (command, agent) => {
    agent.report(command.taskId, ...answers(command));
  };
}
