import { describe, expect, it } from "vitest";

import {
  commandFailed,
  goodDelivery,
  keepsMachine,
  lifeIn,
  node,
  type TaskLife,
  turnEnded,
} from "../testing/task-life.ts";
import { allVerdictsHold, permissionRefused, verdictColour } from "../verdicts.ts";

const pushed = { holds: false, ref: "refs/heads/sam/fix", commit: "c0ffee", detail: "the remote lists another commit" };
const failedCheck = { outcome: "failed", command: "npm test", exitCode: 1, durationMs: 900, outputTail: "no" } as const;
const nothing = { holds: false, commits: 0, files: 0, insertions: 0, deletions: 0, headCommit: null } as const;

function deliver(life: TaskLife, verdicts: Partial<typeof goodDelivery> = {}): void {
  life.reports({ type: "delivered", verdicts: { ...goodDelivery, ...verdicts } });
}

describe("a delivery", () => {
  it("completes the task where all four verdicts hold", () => {
    const life = lifeIn("delivery");
    deliver(life);
    expect(life.step).toBe("completed");
    expect(allVerdictsHold(life.facts.verdicts)).toBe(true);
    expect(life.commands.at(-1)?.type).toBe("tear_down");
  });

  it("of nothing completes it in amber, never in green", () => {
    const life = lifeIn("delivery");
    deliver(life, { produced: nothing, pushed: { holds: false, ref: null, commit: null, detail: "nothing to push" } });
    expect(life.step).toBe("completed");
    expect(verdictColour("completed", life.facts.verdicts)).toBe("amber");
  });

  const failing: readonly [string, Partial<typeof goodDelivery>][] = [
    ["check_failed", { checked: failedCheck }],
    ["push_unproven", { pushed }],
    ["push_unproven", { pushed: null }],
    ["delivery_failed", { produced: null }],
  ];
  it.each(failing)("fails the task as %s where the verdicts say so: %j", (reason, verdicts) => {
    const life = lifeIn("delivery");
    deliver(life, verdicts);
    expect(life.step).toBe("failed");
    expect(life.facts.failure?.reason).toBe(reason);
  });

  it.each([
    ["a stop reason that is no end of turn", turnEnded(1, "max_tokens")],
    ["a failure of its own", { ...turnEnded(1), reportedFailure: "block 2 of 3 exited with 1" }],
  ])("is made, and the task fails, where the agent ended its turn with %s", (_what, event) => {
    const life = lifeIn("running");
    life.reports(event);
    expect(life.step).toBe("delivery");
    deliver(life);
    expect(life.facts.failure?.reason).toBe("agent_reported_failure");
    expect(life.facts.verdicts.pushed?.holds).toBe(true);
  });

  it("completes the task, not in green, where the agent ended its turn since a permission was refused", () => {
    const life = lifeIn("running");
    life.reports(turnEnded(1, permissionRefused));
    deliver(life);
    expect(life.step).toBe("completed");
    expect(life.facts.verdicts).toMatchObject({ ended: { holds: false }, pushed: { holds: true } });
    expect(verdictColour("completed", life.facts.verdicts)).toBe("amber");
  });

  it("that is reported twice, or after the end, counts once", () => {
    const life = lifeIn("delivery");
    deliver(life);
    const { version } = life.facts;
    deliver(life, { produced: nothing });
    life.reports(commandFailed("deliver"));
    expect(life.facts.version).toBe(version);
    expect(life.facts.verdicts.produced?.holds).toBe(true);
    expect(life.said("verdicts")).toHaveLength(1);
  });

  it("that fails keeps what is known of the verdicts", () => {
    const life = lifeIn("delivery");
    const verdicts = { ...goodDelivery, pushed: { ...pushed, detail: "protected branch" } };
    life.reports(commandFailed("deliver", { reason: "push_rejected", verdicts }));
    expect(life.facts.failure?.reason).toBe("push_rejected");
    expect(life.facts.verdicts).toMatchObject({
      ended: { holds: true },
      produced: { holds: true },
      pushed: { holds: false },
    });
  });

  it("does not hide why the task had failed before it, nor its own failure", () => {
    const life = lifeIn("awaiting_input", {}, keepsMachine);
    life.looksUntilItMoves();
    life.reports(commandFailed("deliver", { reason: "push_rejected", evidence: "protected branch" }));
    expect(life.facts.failure?.reason).toBe("input_timeout");
    expect(life.facts.failure?.evidence).toMatch(
      /awaiting_input passed its deadline\nThen push_rejected: protected branch/,
    );
  });

  it("says each of its phases, and the same one again is no progress", () => {
    const life = lifeIn("delivery");
    life.reports({ type: "delivery_phase", phase: "checking" });
    const moved = life.now;
    life.reports({ type: "delivery_phase", phase: "checking" });
    expect(life.facts.clocks.lastProgressAt).toBe(moved);
    life.reports({ type: "delivery_phase", phase: "pushing" });
    expect(life.facts.clocks.lastProgressAt).toBe(life.now);
  });
});

describe("a try that failed", () => {
  const failure = commandFailed("deliver", { retryable: true, evidence: "connection reset" });

  it("is repeated after 5 s, then 10 s; three tries are all, and only where the error was typed as retryable", () => {
    const life = lifeIn("delivery");
    const waits: number[] = [];
    for (let tries = 0; tries < 2; tries += 1) {
      life.reports(failure);
      const since = life.now;
      life.looks();
      waits.push(life.now - since);
    }
    expect(waits).toEqual([5_000, 10_000]);
    life.reports(failure);
    expect(life.facts.failure).toMatchObject({ reason: "delivery_failed", evidence: "connection reset" });
    expect(life.commands.filter((body) => body.type === "deliver")).toHaveLength(3);
  });

  it("has a new command id each time", () => {
    const life = lifeIn("workspace_creation");
    life.reports(commandFailed("create_workspace", { retryable: true }));
    life.looks();
    const ids = life.effects.flatMap(({ effect }) => (effect.kind === "command" ? [effect.commandId] : []));
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(2);
  });

  it.each(["repository_not_found", "repository_empty", "branch_not_found"] as const)(
    "as %s is not repeated",
    (reason) => {
      const life = lifeIn("workspace_ready");
      life.reports(commandFailed("create_workspace", { reason, evidence: "fatal: no" }));
      expect(life.facts.failure).toMatchObject({ reason, evidence: "fatal: no" });
      expect(life.commands.at(-1)?.type).toBe("tear_down");
    },
  );

  it("of a step that is over changes nothing", () => {
    const life = lifeIn("running");
    life.reports(commandFailed("create_workspace"), commandFailed("deliver"), commandFailed("start_agent"));
    expect(life.step).toBe("running");
    expect(life.facts.agent?.incarnation).toBe(1);
  });
});

describe("the end that the sweep had to make", () => {
  it("is the one that the facts say, whatever else was about to be said", () => {
    const life = lifeIn("awaiting_input", {}, keepsMachine);
    life.looksUntilItMoves();
    life.happens({ type: "ended_by_sweep" });
    expect(life.facts.failure?.reason).toBe("lost_runner");
    expect(life.commands.at(-1)?.type).toBe("tear_down");
  });

  it("changes nothing in a task that had ended by itself", () => {
    const life = lifeIn("completed");
    const { version } = life.facts;
    life.happens({ type: "ended_by_sweep" });
    life.happens({ type: "recover" }, 3_600_000);
    life.happens({ type: "node_observed", node: node("destroyed") });
    expect(life.step).toBe("completed");
    expect(life.facts.version).toBe(version);
  });
});
