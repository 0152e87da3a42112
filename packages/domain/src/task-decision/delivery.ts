/** Delivery: commit, check, push, proof from the remote; and what the verdicts then make of the task. */
import type { FailureReason } from "../failure-reason.ts";
import { failureByModel } from "../model-watch.ts";
import type { NodeTaskEvent } from "../node-task.ts";
import { permissionRefused, type Verdicts } from "../verdicts.ts";
import { quoted } from "../visible-text.ts";
import { cleanUp, failAndCleanUp } from "./cleanup.ts";
import type { TaskDraft } from "./draft.ts";
import { deliveredWhatWasSaved } from "./saved-work.ts";

/** A turn that ended while its model failed did not do what it was asked for, whatever is delivered of it. */
export function deliver(draft: TaskDraft, cause: string): void {
  const { modelTrouble, pendingFailure } = draft.facts;
  if (modelTrouble !== null && pendingFailure === null) {
    draft.set({ pendingFailure: { ...failureByModel(modelTrouble, draft.now), at: draft.now } });
  }
  draft.enter("delivery", cause);
  sendDelivery(draft);
}

/** Delivering is idempotent on the node, so a second command after a failed first one is safe. */
export function sendDelivery(draft: TaskDraft): void {
  const { branch, request, title } = draft.facts;
  draft.command({ type: "deliver", branch, commitMessage: title, checkCommand: request.checkCommand });
}

/** The end is decided, and what there is is delivered first. */
export function deliverThenFail(draft: TaskDraft, reason: FailureReason, evidence: string, cause: string): void {
  const { turn, verdicts } = draft.facts;
  draft.closePermissions();
  draft.set({
    pendingFailure: { reason, evidence, at: draft.now },
    verdicts: { ...verdicts, ended: { holds: false, stopReason: "none", detail: inOneLine(evidence) } },
    turn: turn === null ? null : { ...turn, running: false },
  });
  deliver(draft, cause);
}

/** The verdicts decide: neither the end of a turn nor the end of a delivery is success. */
export function delivered(draft: TaskDraft, event: Extract<NodeTaskEvent, { type: "delivered" }>): void {
  // It does not undo the cancel, but what the remote has by now is where another task has to go on.
  if (draft.facts.step === "cancelling") noteVerdicts(draft, event.verdicts);
  if (draft.facts.step !== "delivery") return;
  noteVerdicts(draft, event.verdicts);
  const { verdicts, pendingFailure } = draft.facts;
  draft.say("sam", { kind: "verdicts", verdicts });
  deliveredWhatWasSaved(draft);
  const failure = pendingFailure ?? verdictFailure(verdicts);
  if (failure !== null) {
    failAndCleanUp(draft, failure.reason, failure.evidence, "delivered");
    return;
  }
  draft.enter("completed", "delivered");
  cleanUp(draft);
}

/** The first line of such evidence is ours; what the agent printed stands below it, and is quoted where lines are joined. */
function inOneLine(evidence: string): string {
  const [first = "", ...printed] = evidence.split("\n");
  return printed.join("").trim() === "" ? first.slice(0, 500) : `${first}: ${quoted(printed.join(" "), 300)}`;
}

/** What is known of the verdicts; what nobody looked at leaves standing what was known before. */
export function noteVerdicts(draft: TaskDraft, known: Pick<Verdicts, "produced" | "checked" | "pushed">): void {
  const { verdicts } = draft.facts;
  const produced = known.produced ?? verdicts.produced;
  const checked = known.checked ?? verdicts.checked;
  const pushed = known.pushed ?? verdicts.pushed;
  draft.set({ verdicts: { ...verdicts, produced, checked, pushed } });
}

/** @returns why these verdicts are a failure; null where they complete the task, even if nothing was produced. */
function verdictFailure(verdicts: Verdicts): { readonly reason: FailureReason; readonly evidence: string } | null {
  const { ended, produced, checked, pushed } = verdicts;
  if (ended?.holds !== true && ended?.stopReason !== permissionRefused) {
    return { reason: "agent_reported_failure", evidence: ended?.detail ?? "the turn did not end" };
  }
  if (produced === null) return { reason: "delivery_failed", evidence: "nobody looked at what was produced" };
  if (produced.holds && pushed?.holds !== true) {
    return { reason: "push_unproven", evidence: pushed?.detail ?? "nobody asked the remote for the commit" };
  }
  if (checked?.outcome === "failed") {
    const { command, exitCode, outputTail } = checked;
    const evidence = `${command ?? "check"} exited with ${exitCode ?? "no code"}\n${outputTail}`;
    return { reason: "check_failed", evidence };
  }
  return null;
}
