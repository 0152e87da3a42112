import { describe, expect, it } from "vitest";

import {
  agentGone,
  agentReady,
  asks,
  keepsMachine,
  lifeIn,
  type TaskLife,
  turnEnded,
  update,
} from "../testing/task-life.ts";

const answer = (requestId: string) => ({ type: "answered", requestId, optionId: "yes", by: "user" }) as const;
const answers = (life: TaskLife) => life.commands.filter((body) => body.type === "answer");

describe("a permission", () => {
  it("is void where it is asked by an agent that is gone or being replaced: nobody waits for its answer", () => {
    const life = lifeIn("running");
    life.reports(agentGone(1), asks("q1"));
    expect(life.step).toBe("running");
    expect(life.facts.permission).toBeNull();
    life.reports(agentReady(2, true));
    expect(life.lastCommand("prompt")).toMatchObject({ turn: 2 });
  });

  it("is void in a task that is being cancelled, delivered, or has ended", () => {
    for (const step of ["cancelling", "delivery", "completed"] as const) {
      const life = lifeIn(step);
      life.reports(asks("q1"));
      expect(life.step).toBe(step);
      expect(life.facts.permission).toBeNull();
    }
  });

  it("is answered exactly once", () => {
    const life = lifeIn("awaiting_input");
    life.happens(answer("another"));
    life.happens(answer("q1"));
    life.happens(answer("q1"));
    life.reports({ type: "permission_settled", requestId: "q1", optionId: "yes" });
    expect(answers(life)).toHaveLength(1);
    expect(life.said("permission_settled")).toHaveLength(1);
    expect(life.step).toBe("running");
  });

  it("of several that are asked at once comes up one after the other, and none is lost", () => {
    const life = lifeIn("awaiting_input");
    life.reports(asks("q2"), asks("q2"), asks("q3"));
    life.reports({ type: "permission_settled", requestId: "q2", optionId: null });
    life.happens(answer("q1"));
    expect(life.step).toBe("awaiting_input");
    expect(life.facts.permission?.requestId).toBe("q3");
    life.happens(answer("q3"));
    expect(life.step).toBe("running");
    expect(answers(life).map(({ requestId }) => requestId)).toEqual(["q1", "q3"]);
    expect(life.said("permission").map(({ requestId }) => requestId)).toEqual(["q1", "q2", "q3"]);
    expect(life.said("permission_settled").map(({ requestId }) => requestId)).toEqual(["q2", "q1", "q3"]);
  });

  it("is closed on the page where nobody can answer it any more", () => {
    const cancelled = lifeIn("awaiting_input");
    cancelled.reports(asks("q2"));
    cancelled.happens({ type: "cancel_requested", by: "user" });
    expect(cancelled.said("permission_settled").map(({ requestId, by }) => [requestId, by])).toEqual([
      ["q1", "sam"],
      ["q2", "sam"],
    ]);
    const ended = lifeIn("awaiting_input");
    ended.reports(turnEnded(1));
    expect(ended.said("permission_settled")).toHaveLength(1);
    expect(ended.step).toBe("delivery");
  });

  it("that the agent takes back lets the turn go on", () => {
    const life = lifeIn("awaiting_input");
    life.reports({ type: "permission_settled", requestId: "q1", optionId: null });
    expect(life.step).toBe("running");
    expect(life.said("permission_settled")).toMatchObject([{ by: "agent" }]);
  });

  it("whose agent ends is void, and the agent is started again", () => {
    const life = lifeIn("awaiting_input");
    life.reports(agentGone(1));
    expect(life.step).toBe("running");
    expect(life.facts.permission).toBeNull();
    expect(life.lastCommand("start_agent").incarnation).toBe(2);
  });
});

describe("the time of a turn", () => {
  it("stands still while it waits for the user, and is one limit in all", () => {
    const life = lifeIn("running");
    const left = () => (life.facts.deadlineAt ?? 0) - life.now;
    const before = left();
    life.reports(asks("q1"));
    life.happens(answer("q1"), 24 * 3_600_000);
    expect(left()).toBe(before - 1_000);
    expect(life.transitions.at(-1)?.facts.deadlineAt).toBe(life.facts.deadlineAt);
    let asked = 1;
    while (life.step === "running") {
      asked += 1;
      life.happens({ type: "contact" }, 10 * 60_000);
      life.happens({ type: "look" }, 0);
      life.reports(update(1), asks(`q${asked}`), {
        type: "permission_settled",
        requestId: `q${asked}`,
        optionId: null,
      });
    }
    expect(life.step).toBe("delivery");
    expect(life.facts.pendingFailure?.reason).toBe("turn_timeout");
    expect(asked).toBeLessThan(60);
  });

  it("in conversation mode a turn that ends with a question open stays where it is: no step from a step to itself", () => {
    const life = lifeIn("running", { mode: "conversation" });
    life.reports(asks("q1"));
    const { version } = life.facts;
    life.reports(turnEnded(1, "cancelled"));
    expect(life.step).toBe("awaiting_input");
    expect(life.facts.version).toBe(version);
    expect(life.facts.permission).toBeNull();
    life.happens({ type: "follow_up", text: "Go on", interrupt: false, key: null });
    expect(life.step).toBe("running");
  });
});

describe("a question that nobody answers", () => {
  it("ends after seven days: what there is is delivered, and the task fails", () => {
    const life = lifeIn("awaiting_input", {}, keepsMachine);
    life.looksUntilItMoves();
    expect(life.step).toBe("delivery");
    expect(life.facts.pendingFailure?.reason).toBe("input_timeout");
  });
});

describe("a policy", () => {
  const edit = { toolKind: "edit", insideWorkspace: true, sandboxed: false } as const;
  const outside = { ...edit, insideWorkspace: false };

  it("asks where it does not allow, and where the agent offers no way to allow it this once", () => {
    const cases = [
      asks("q1", outside),
      asks("q1", { ...edit, toolKind: "execute" }),
      asks("q1", edit, ["allow_always", "reject_once"]),
      asks("q1", edit, ["reject_once"]),
      asks("q1", edit, []),
    ];
    for (const question of cases) {
      const life = lifeIn("running", { permissionPolicy: "allow_edits" });
      life.reports(question);
      expect(life.step).toBe("awaiting_input");
      expect(answers(life)).toEqual([]);
    }
  });

  it("allows this once and never for always, at once, and the conversation says who answered what", () => {
    const life = lifeIn("running", { permissionPolicy: "allow_edits" });
    const { version } = life.facts;
    life.reports(asks("q1", edit, ["allow_always", "allow_once", "reject_once"]));
    expect(life.step).toBe("running");
    expect(life.facts.version).toBe(version);
    expect(answers(life)).toEqual([{ type: "answer", requestId: "q1", optionId: "yes" }]);
    expect(life.said("permission")).toMatchObject([{ requestId: "q1", toolKind: "edit", detail: "npm install" }]);
    expect(life.said("permission_settled")).toEqual([
      { kind: "permission_settled", requestId: "q1", optionId: "yes", by: "policy:allow_edits" },
    ]);
  });

  it("answers exactly once, whatever comes after: the agent's own word, the user's, the same event again", () => {
    const life = lifeIn("running", { permissionPolicy: "allow_edits" });
    life.reports(asks("q1", edit));
    const again = { type: "vm_agent", seq: life.facts.nodeEventSeq, event: asks("q1", edit) } as const;
    life.happens(again);
    life.reports({ type: "permission_settled", requestId: "q1", optionId: "yes" });
    life.happens(answer("q1"));
    expect(answers(life)).toHaveLength(1);
    expect(life.said("permission_settled")).toHaveLength(1);
  });

  it("answers beside a question that is open, which stays open", () => {
    const life = lifeIn("running", { permissionPolicy: "allow_edits" });
    life.reports(asks("q1", outside), asks("q2", edit));
    expect(life.step).toBe("awaiting_input");
    expect(life.facts.permission?.requestId).toBe("q1");
    expect(answers(life)).toMatchObject([{ requestId: "q2" }]);
  });

  it("says nothing for an agent that is gone, or in a task that is cancelled or delivered", () => {
    for (const step of ["cancelling", "delivery", "completed"] as const) {
      const life = lifeIn(step, { permissionPolicy: "allow_all" });
      life.reports(asks("q1"));
      expect(answers(life)).toEqual([]);
    }
    const life = lifeIn("running", { permissionPolicy: "allow_all" });
    life.reports(agentGone(1), asks("q1"));
    expect(answers(life)).toEqual([]);
  });
});
