/** Saved work: where it is, who brings it back, and when it goes. */
import { describe, expect, it } from "vitest";

import type { TaskId } from "../ids.ts";
import type { NodeTaskEvent } from "../node-task.ts";
import type { SavedWorkReport } from "../saved-work.ts";
import type { TaskRequest } from "../task-facts.ts";
import {
  goodDelivery,
  lifeIn,
  nextTaskId,
  node,
  nodeId,
  otherNodeId,
  otherTaskId,
  released,
  taskId,
  TaskLife,
  tornDown,
} from "../testing/task-life.ts";
import { canDiscardSavedWork } from "../user-may.ts";
import { nextLookAt } from "./decide.ts";

const commit = "c".repeat(40);
const otherCommit = "d".repeat(40);
const report: SavedWorkReport = {
  commit,
  baseCommit: "b".repeat(40),
  files: 3,
  insertions: 10,
  deletions: 2,
  uncommittedFiles: 2,
  unpushedCommits: 1,
  leftOut: [],
  place: "remote",
  whyNotPushed: null,
};
const inMirror: SavedWorkReport = { ...report, place: "mirror", whyNotPushed: "the remote refused it" };

function saved(work: SavedWorkReport): NodeTaskEvent {
  return { type: "torn_down", savedRef: `refs/sam/wip/${taskId}`, savedWork: work };
}

/** A task that was cancelled while it worked, and its work saved. */
function savedLife(work: SavedWorkReport = report): TaskLife {
  const life = lifeIn("cancelling");
  life.reports(...tornDown.slice(0, 4), saved(work));
  life.happens(released());
  return life;
}

function begunBy(life: TaskLife): TaskRequest {
  life.happens({ type: "continued", by: nextTaskId, text: "Go on", summary: "" });
  const [request] = life.effects.flatMap(({ effect }) => (effect.kind === "begin_task" ? [effect.request] : []));
  if (request === undefined) throw new Error("nothing was begun");
  return request;
}

/** The task that continues this one, with its workspace ready. */
function continuing(request: TaskRequest, broughtBack = true): TaskLife {
  const life = new TaskLife(request);
  life.happens({ type: "node_claimed", node: node("ready") });
  const wanted = life.lastCommand("create_workspace").savedWork ?? null;
  life.reports(
    { type: "workspace_accepted" },
    {
      type: "workspace_ready",
      baseCommit: "ba5e",
      baseBranch: "main",
      path: "/w",
      ...(broughtBack ? { broughtBack: wanted } : {}),
    },
  );
  return life;
}

function recorded(life: TaskLife): number {
  return life.countOf("record_saved_work");
}

describe("work that was saved at a teardown", () => {
  it("is known with its place, its size and since when, and is told", () => {
    const life = savedLife(inMirror);
    expect(life.step).toBe("cancelled");
    expect(life.facts.savedWork).toMatchObject({ ...inMirror, nodeId, forget: null });
    expect(life.notes.join("\n")).toMatch(
      /3 files \(\+10 −2\).*is on node_\S+ alone, which is kept for it\. What you say next brings it back/,
    );
    expect(recorded(life)).toBe(1);
  });

  it("follows what its node says of it later, without a transition, and hears nothing twice", () => {
    const life = savedLife(inMirror);
    const { version, clocks } = life.facts;
    life.happens({ type: "saved_work_reported", nodeId, work: inMirror });
    expect(recorded(life)).toBe(1);
    life.happens({ type: "saved_work_reported", nodeId, work: report });
    life.happens({ type: "saved_work_reported", nodeId, work: report });
    expect(life.facts.savedWork).toMatchObject({ place: "remote", whyNotPushed: null });
    expect(life.facts.savedWork?.placedAt).toBeGreaterThan(life.facts.savedWork?.savedAt ?? 0);
    expect(recorded(life)).toBe(2);
    expect(life.facts).toMatchObject({ version, clocks });
  });

  it("is at the remote for good once that has it, though what its teardown said of it comes later", () => {
    const life = savedLife(report);
    life.happens({ type: "saved_work_reported", nodeId, work: inMirror });
    expect(life.facts.savedWork).toMatchObject({ place: "remote", whyNotPushed: null });
    expect(recorded(life)).toBe(1);
  });

  it("is none of another node's business", () => {
    const life = savedLife(inMirror);
    life.happens({ type: "saved_work_reported", nodeId: otherNodeId, work: { ...report, commit: "d".repeat(40) } });
    life.happens({ type: "saved_work_reported", nodeId: otherNodeId, work: report });
    expect(life.facts.savedWork).toMatchObject({ commit, place: "mirror" });
  });

  it("that lay on its node alone is lost with it, and said to be", () => {
    const life = savedLife(inMirror);
    life.happens({ type: "node_observed", node: node("destroying") });
    expect(life.facts.savedWork?.place).toBe("mirror");
    life.happens({ type: "node_observed", node: node("destroyed") });
    expect(life.facts.savedWork?.place).toBe("lost");
    expect(life.notes.at(-1)).toContain("The saved work is lost");
    expect(begunBy(life).continues?.savedWork).toBeUndefined();
    const atRemote = savedLife(report);
    atRemote.happens({ type: "node_observed", node: node("destroyed") });
    expect(atRemote.facts.savedWork?.place).toBe("remote");
  });
});

describe("a task that continues one whose work was saved", () => {
  it("has what was saved while it waited for that, though nobody could name it when it was begun; of no other task", () => {
    const request = begunBy(lifeIn("failed"));
    const ready = (life: TaskLife, of: TaskId) => {
      life.reports({
        type: "workspace_ready",
        baseCommit: "ba5e",
        baseBranch: "main",
        path: "/w",
        broughtBack: { taskId: of, commit },
      });
    };
    const life = new TaskLife(request);
    life.happens({ type: "node_claimed", node: node("ready") });
    ready(life, taskId);
    expect(life.step).toBe("agent_session");
    expect(life.facts.broughtBack).toEqual({ taskId, commit });
    expect(life.notes.join("\n")).toContain(`Brought back the saved work of ${taskId}`);
    const other = new TaskLife(request);
    other.happens({ type: "node_claimed", node: node("ready") });
    ready(other, otherTaskId);
    expect(other.facts.broughtBack).toBeNull();
  });

  it("asks for it with its workspace, and says that it has it", () => {
    const request = begunBy(savedLife());
    expect(request.continues?.savedWork).toEqual({ taskId, commit });
    const life = continuing(request);
    expect(life.lastCommand("create_workspace").savedWork).toEqual({ taskId, commit });
    expect(life.step).toBe("agent_session");
    expect(life.facts.broughtBack).toEqual({ taskId, commit });
    expect(life.notes.at(-1)).toContain(`Brought back the saved work of ${taskId}`);
  });

  it("fails where the VM agent does not say that it stands there: nobody takes it for whole", () => {
    const life = continuing(begunBy(savedLife()), false);
    expect(life.facts.failure).toMatchObject({ reason: "workspace_failed" });
    expect(life.commands.at(-1)?.type).toBe("tear_down");
  });

  it("begins without it where it is nowhere any more, and says so", () => {
    const life = new TaskLife(begunBy(savedLife()));
    life.happens({ type: "node_claimed", node: node("ready"), savedWorkGone: "it was removed" });
    expect(life.lastCommand("create_workspace").savedWork).toBeUndefined();
    expect(life.notes.join("\n")).toContain("begins without the saved work of the task before: it was removed");
  });

  it("hands on what it was to begin with where it never had a workspace, and its own where it had", () => {
    const failed = new TaskLife(begunBy(savedLife()));
    failed.happens({ type: "ended_by_sweep" });
    failed.happens({ type: "continued", by: otherTaskId, text: "Again", summary: "" });
    const [again] = failed.effects.flatMap(({ effect }) => (effect.kind === "begin_task" ? [effect.request] : []));
    expect(again?.continues?.savedWork).toEqual({ taskId, commit });
    const worked = continuing(begunBy(savedLife()));
    worked.happens({ type: "cancel_requested", by: "user" });
    const own = { ...report, commit: "d".repeat(40) };
    worked.reports(...tornDown.slice(0, 4), saved(own));
    worked.happens(released());
    worked.happens({ type: "continued", by: otherTaskId, text: "Again", summary: "" });
    const [next] = worked.effects.flatMap(({ effect }) => (effect.kind === "begin_task" ? [effect.request] : []));
    expect(next?.continues?.savedWork).toEqual({ taskId: nextTaskId, commit: own.commit });
  });
});

describe("a task that comes back to a machine", () => {
  it("begins with its own saved work, and says that it was there before", () => {
    const life = savedLife();
    const facts = { ...life.facts, step: "node_selection", workspace: null, nodeId: null, selecting: true } as const;
    life.facts = facts;
    life.happens({ type: "node_claimed", node: node("ready", { nodeId: otherNodeId }) });
    expect(life.lastCommand("create_workspace")).toMatchObject({ savedWork: { taskId, commit }, comesBack: true });
    expect(life.facts.nodeEventSeq).toBe(0);
  });
});

describe("saved work that was delivered, or discarded", () => {
  const forgotten = (remote: "removed" | "absent" | "failed") =>
    ({ type: "saved_work_forgotten", commit, remote, detail: "the remote said so" }) as const;

  it("is told to the task whose it is when what continues it has pushed it, and only then", () => {
    const request = begunBy(savedLife());
    const life = continuing(request);
    const told = () =>
      life.effects.flatMap(({ effect }) => (effect.kind === "tell_saved_work_delivered" ? [effect.taskId] : []));
    life.facts = { ...life.facts, step: "delivery" };
    life.reports({ type: "delivered", verdicts: { ...goodDelivery, pushed: null } });
    expect(told()).toEqual([]);
    const pushing = continuing(request);
    pushing.facts = { ...pushing.facts, step: "delivery" };
    pushing.reports({ type: "delivered", verdicts: goodDelivery });
    const effects = pushing.effects.flatMap(({ effect }) =>
      effect.kind === "tell_saved_work_delivered" ? [effect.taskId] : [],
    );
    expect(effects).toEqual([taskId]);
  });

  it("goes after its time, is asked for until it is gone, and then is not kept any more", () => {
    const life = savedLife();
    life.happens({ type: "saved_work_delivered", by: nextTaskId, commit });
    expect(life.countOf("forget_saved_work")).toBe(0);
    life.looks();
    expect(life.countOf("forget_saved_work")).toBe(1);
    life.happens(forgotten("failed"));
    expect(life.facts.savedWork?.forget?.detail).toBe("the remote said so");
    life.looks();
    expect(life.countOf("forget_saved_work")).toBe(2);
    life.happens({ ...forgotten("removed"), commit: "d".repeat(40) });
    expect(life.facts.savedWork?.place).toBe("remote");
    life.happens(forgotten("removed"));
    expect(life.facts.savedWork).toMatchObject({ place: "removed", forget: { cause: "continued", dueAt: null } });
    expect(nextLookAt(life.facts)).toBeNull();
    life.happens({ type: "saved_work_reported", nodeId, work: report });
    expect(life.facts.savedWork?.place).toBe("removed");
  });

  it("stays where it was saved anew since then: that is other work, which nobody has delivered", () => {
    const life = savedLife();
    life.happens({ type: "saved_work_reported", nodeId, work: { ...report, commit: otherCommit } });
    life.happens({ type: "saved_work_delivered", by: nextTaskId, commit });
    expect(life.facts.savedWork).toMatchObject({ commit: otherCommit, forget: null });
    life.happens({ type: "saved_work_delivered", by: nextTaskId, commit: otherCommit });
    expect(life.facts.savedWork?.forget).toMatchObject({ cause: "continued" });
  });

  it("is what there is when the first workspace is made, whatever there was when the task began", () => {
    const work = { taskId, commit: otherCommit };
    for (const request of [begunBy(savedLife()), begunBy(lifeIn("failed"))]) {
      const life = new TaskLife(request);
      life.happens({ type: "node_claimed", node: node("ready"), bringsBack: work });
      expect(life.lastCommand("create_workspace").savedWork).toEqual(work);
      life.reports(
        { type: "workspace_accepted" },
        { type: "workspace_ready", baseCommit: "ba5e", baseBranch: "main", path: "/w", broughtBack: work },
      );
      expect(life.facts.broughtBack).toEqual(work);
    }
  });

  it("is discarded at once, once, and only after the end", () => {
    const life = savedLife();
    expect(canDiscardSavedWork(life.facts)).toBe(true);
    life.happens({ type: "discard_requested", by: "user" });
    life.happens({ type: "discard_requested", by: "user" });
    expect(life.countOf("forget_saved_work")).toBe(1);
    expect(begunBy(life).continues?.savedWork).toBeUndefined();
    const running = lifeIn("running");
    running.happens({ type: "discard_requested", by: "user" });
    expect(running.countOf("forget_saved_work")).toBe(0);
  });

  it("is passed on along the chain, so that no ref stays behind", () => {
    const middle = continuing(begunBy(savedLife()));
    middle.happens({ type: "saved_work_delivered", by: otherTaskId, commit: otherCommit });
    expect(middle.effects.at(-1)?.effect).toEqual({ kind: "tell_saved_work_delivered", taskId, commit });
  });
});
