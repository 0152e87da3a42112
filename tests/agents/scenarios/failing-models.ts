/** Models that fail: each ends the task as what it is, within its limit, with what was seen. */
import type { FailureReason } from "@sam/domain/failure-reason";
import { expect } from "vitest";

import type { ModelServerOptions } from "../../model-server/model-server.ts";
import { limits } from "../support/agent-bed.ts";
import { untilEnded } from "../support/watching.ts";
import type { Scenario, ScenarioId } from "./scenario.ts";

/** For a machine that is busy with other agents. */
const slackMs = 30_000;

interface FailingModel {
  readonly id: ScenarioId;
  readonly title: string;
  readonly server: ModelServerOptions;
  readonly reason: FailureReason;
  /** What the evidence must say. */
  readonly evidence: RegExp;
  readonly proves: string;
}

function failing({ id, title, server, reason, evidence, proves }: FailingModel): Scenario {
  return {
    id,
    title,
    proves,
    end: () => ({ step: "failed", colour: "red", reason }),
    async play(bed) {
      const { system } = bed;
      const model = await bed.serve(server);
      const errand = await bed.submit({ name: title, script: [{ say: "All is done." }], model });
      const { taskId, repository } = errand;
      const task = await untilEnded(bed, errand);
      expect(model.calls.some(({ purpose }) => purpose === "answer")).toBe(true);
      expect(task.failure?.evidence).toMatch(evidence);
      expect(task.verdicts).toMatchObject({ ended: { holds: false }, produced: { holds: false } });
      expect(await repository.branches()).toEqual([]);
      const transitions = await system.api.transitions(taskId);
      const running = transitions.find(({ to }) => to === "running");
      const tookMs = (transitions.at(-1)?.at ?? Infinity) - (running?.at ?? 0);
      expect(tookMs).toBeLessThan(limits.modelAnswerMs + limits.modelFailingMs + slackMs);
      return { ...errand, seen: null };
    },
  };
}

export const failingModels: readonly Scenario[] = [
  failing({
    id: "model_fails",
    title: "has a model that answers 500",
    server: { status: 500 },
    reason: "model_unavailable",
    evidence: /the model's server answered 500/,
    proves: "The turn is given up within its limit, the evidence names the status, and nothing is delivered.",
  }),
  failing({
    id: "model_refuses_key",
    title: "has a model that refuses the key",
    server: { apiKey: "another key" },
    reason: "model_unauthorized",
    evidence: /the model's server answered 401/,
    proves: "The turn is given up at once, the evidence names the status, and nothing is delivered.",
  }),
  failing({
    id: "model_is_silent",
    title: "has a model that never answers",
    server: { delayMs: 3_600_000 },
    reason: "model_unavailable",
    evidence: /the model's server did not answer/,
    proves: "The turn is given up within its limit, the evidence says that no answer came, and nothing is delivered.",
  }),
];
