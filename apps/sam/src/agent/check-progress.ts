/** How far the check of an agent is: what its task has proven so far, and at its end what it has not. */
import type { FailureReason } from "@sam/domain/failure-reason";
import { modelCallsText, usageScope, usageText } from "@sam/domain/usage-words";
import type { AgentView } from "@sam/protocol/agent-api";
import type { Message, MessageBody } from "@sam/protocol/message";
import type { TaskView } from "@sam/protocol/task-api";

import { plainLine } from "../terminal/plain-text.ts";
import { duration } from "../terminal/times.ts";

export type CheckStage = "machine" | "checkout" | "installed" | "settings" | "session" | "model" | "turn";

export interface CheckLine {
  readonly stage: CheckStage;
  readonly ok: boolean;
  readonly text: string;
}

type TurnEnded = Extract<MessageBody, { kind: "turn_ended" }>;

/** What a failure is about, where the reason alone says it. */
const stageOfReason: { readonly [Reason in FailureReason]?: CheckStage } = {
  agent_not_configured: "settings",
  agent_unknown: "installed",
  agent_install_failed: "installed",
  agent_start_failed: "session",
  agent_session_timeout: "session",
  model_unauthorized: "model",
  model_not_found: "model",
  model_refused: "model",
  model_unavailable: "model",
};

export class CheckProgress {
  readonly lines: CheckLine[] = [];
  readonly #agent: AgentView;
  #turn: TurnEnded | null = null;

  constructor(agent: AgentView) {
    this.#agent = agent;
  }

  /** @returns what is proven by this message and was not before. */
  message({ body }: Message): readonly CheckLine[] {
    const before = this.lines.length;
    if (body.kind === "step") this.#step(body);
    if (body.kind === "turn_ended") this.#turn = body;
    return this.lines.slice(before);
  }

  /** @returns the rest: what the end of the task proves, or what stands in the way. */
  end(task: TaskView): readonly CheckLine[] {
    const before = this.lines.length;
    if (task.step === "completed") this.#ended(task);
    else this.#add(this.#failedStage(task), false, whyFailed(task));
    return this.lines.slice(before);
  }

  isGood(): boolean {
    return this.lines.length > 0 && this.lines.every(({ ok }) => ok);
  }

  #step({ to, tookMs }: Extract<MessageBody, { kind: "step" }>): void {
    const took = tookMs === null ? "" : ` after ${duration(tookMs)}`;
    const { name, npmPackage, version } = this.#agent;
    if (to === "workspace_creation") this.#add("machine", true, "ready");
    if (to === "agent_session") this.#add("checkout", true, "done");
    if (to === "agent_session" && npmPackage !== null) {
      this.#add("installed", true, `${plainLine(name)} ${plainLine(version ?? "")} (${plainLine(npmPackage)})`);
    }
    if (to === "running") this.#add("session", true, `opened${took}`);
  }

  #ended({ verdicts: { ended } }: TaskView): void {
    const { keyName } = this.#agent;
    const turn = this.#turn;
    if (turn === null || ended?.holds !== true) {
      const detail =
        ended === null ? "nobody saw it end" : plainLine(ended.detail === "" ? ended.stopReason : ended.detail);
      this.#add("turn", false, `it did not end well: ${detail}`);
      return;
    }
    const { model, usage } = turn;
    const used = usage === null ? "" : `; ${usageText(usage)}, ${usageScope(usage, "turn")}`;
    if (model !== null && (model.calls === 0 || model.lastFailure !== null)) {
      this.#add("model", false, model.calls === 0 ? "the agent made no call to it" : modelCallsText(model));
    } else if (model !== null) this.#add("model", true, `answered: ${modelCallsText(model)}${used}`);
    else if (keyName !== null) this.#add("model", false, "nobody saw it answer");
    this.#add("turn", true, `ended: ${plainLine(turn.stopReason)}${model === null ? used : ""}`);
  }

  /** By its reason, or the first thing that is not proven yet. */
  #failedStage({ failure }: TaskView): CheckStage {
    const byReason = failure === null ? undefined : stageOfReason[failure.reason];
    if (byReason !== undefined) return byReason;
    const proven = new Set(this.lines.map(({ stage }) => stage));
    if (!proven.has("machine")) return "machine";
    if (!proven.has("checkout")) return "checkout";
    return proven.has("session") ? "turn" : "session";
  }

  #add(stage: CheckStage, ok: boolean, text: string): void {
    // A step that is gone through again proves nothing new.
    if (ok && this.lines.some((line) => line.stage === stage)) return;
    this.lines.push({ stage, ok, text });
  }
}

function whyFailed({ step, failure }: TaskView): string {
  if (failure === null) return `the check was ${step}`;
  return `${failure.reason}: ${failure.evidence}\n${failure.whatToDo}`;
}
