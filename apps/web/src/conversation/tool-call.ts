/** A tool call as its updates tell it. What has ended does not begin again: a session that is loaded again repeats itself. */
import type { ToolStatus, ToolUpdate } from "./agent-update.ts";
import type { CallOutcome, ToolCall } from "./item.ts";

function outcomeOf(status: ToolStatus | null): CallOutcome {
  return status === "completed" || status === "failed" ? status : "running";
}

/** @param at when the update was stored, in milliseconds since 1970. */
export function newCall(turn: number, update: ToolUpdate, at: number): ToolCall {
  const outcome = outcomeOf(update.status);
  return {
    toolCallId: update.toolCallId,
    turn,
    title: update.title ?? "a tool",
    toolKind: update.toolKind ?? "other",
    outcome,
    startedAt: at,
    endedAt: outcome === "running" ? null : at,
    output: update.output ?? "",
    diffs: update.diffs ?? [],
    places: update.places ?? [],
    input: update.input,
    exitCode: update.exitCode,
    durationMs: update.durationMs,
  };
}

/** @returns the same call where the update changes nothing of it. */
export function updatedCall(call: ToolCall, update: ToolUpdate, at: number): ToolCall {
  if (call.outcome === "completed" || call.outcome === "failed") return call;
  const outcome = outcomeOf(update.status);
  const hasEnded = outcome !== "running";
  return {
    ...call,
    title: update.title ?? call.title,
    toolKind: update.toolKind ?? call.toolKind,
    outcome: hasEnded ? outcome : call.outcome,
    endedAt: hasEnded ? at : call.endedAt,
    output: update.output ?? call.output,
    diffs: update.diffs ?? call.diffs,
    places: update.places ?? call.places,
    input: update.input ?? call.input,
    exitCode: update.exitCode ?? call.exitCode,
    durationMs: update.durationMs ?? call.durationMs,
  };
}

/** @returns the call as it stands when its turn is over. */
export function endedCall(call: ToolCall, at: number): ToolCall {
  return call.outcome === "running" ? { ...call, outcome: "silent", endedAt: at } : call;
}

/** How long it took, in milliseconds; null while it runs. */
export function callDurationMs(call: ToolCall): number | null {
  return call.durationMs ?? (call.endedAt === null ? null : Math.max(0, call.endedAt - call.startedAt));
}

/** A place in the workspace is told from there: where on its node a workspace lies says nothing of the work. */
export function insideWorkspace(text: string): string {
  return text.replaceAll(/(?:\/[\w.@+-]+)*\/workspaces\/ws_[0-9A-HJKMNP-TV-Z]{26}\/(?=\S)/g, "");
}

/** Some agents put what a tool printed into a fence of markdown. @returns it without. */
export function unfenced(text: string): string {
  const [, inner] = /^\s*(?:```|~~~)[^\n`]*\n([\s\S]*?)\n(?:```|~~~)\s*$/.exec(text) ?? [];
  return inner === undefined || /^(?:```|~~~)/m.test(inner) ? text : inner;
}
