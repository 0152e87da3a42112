/** A node that holds what is nowhere else is not destroyed, whatever deadline passes, unless its owner says so. */
import { describe, expect, it } from "vitest";

import type { TaskId } from "../ids.ts";
import type { NodeEvent } from "../node-event.ts";
import { hasRoom, hasRoomFor } from "../node-facts.ts";
import type { SavedWorkReport } from "../saved-work.ts";
import { hello, type NodeLife, nodeIn, otherTaskId } from "../testing/node-life.ts";
import { nextTaskId, taskId } from "../testing/task-life.ts";

const work: SavedWorkReport = {
  commit: "c".repeat(40),
  baseCommit: "b".repeat(40),
  files: 1,
  insertions: 1,
  deletions: 0,
  uncommittedFiles: 1,
  unpushedCommits: 0,
  leftOut: [],
  place: "mirror",
  whyNotPushed: "the remote refused it",
};

function holds(place: "mirror" | "remote" = "mirror", unsaved: readonly TaskId[] = [], of = taskId): NodeEvent {
  return { type: "held_work_reported", held: { works: [{ taskId: of, ...work, place }], unsaved } };
}

const byOwner = { type: "given_up", failure: "destroyed_by_owner", detail: "its owner asked for it" } as const;
const nothing: NodeEvent = { type: "held_work_reported", held: { works: [], unsaved: [] } };

/** Long enough for every deadline of a node, with a VM agent that is in contact all the while. */
function passTime(life: NodeLife, days = 20): void {
  for (let hour = 0; hour < 24 * days; hour += 1) {
    for (let beat = 0; beat < 12; beat += 1) life.happens({ type: "contact" }, 5 * 60_000);
    life.happens({ type: "look" }, 0);
  }
}

describe("a warm node that holds saved work which is nowhere else", () => {
  it("stays past its time, says since when and for whom, and takes tasks like any other", () => {
    const life = nodeIn("warm");
    life.happens(holds());
    passTime(life);
    expect(life.state).toBe("warm");
    expect(life.facts.holds).toMatchObject([{ taskId, kind: "saved_work", why: "the remote refused it" }]);
    expect(life.facts.kept?.overdueAt).toBe((life.facts.kept?.since ?? 0) + 7 * 24 * 3_600_000);
    expect(life.facts.kept?.overdueAt).toBeLessThan(life.now);
    expect(life.facts.deadlineAt).toBeGreaterThan(life.now);
    life.happens({ type: "claimed", taskId: nextTaskId });
    expect(life.state).toBe("ready");
  });

  it("goes after its time, counted anew, once the work is pushed", () => {
    const life = nodeIn("warm");
    life.happens(holds());
    passTime(life, 1);
    life.happens(holds("remote"));
    expect(life.facts.kept).toBeNull();
    expect(life.facts.deadlineAt).toBe(life.now + life.settings.warmMs);
    life.looksUntil(() => life.state === "destroying");
  });

  it("is given up by its owner only with it, and says to the task that it is lost", () => {
    const life = nodeIn("warm");
    life.happens(holds());
    life.happens(byOwner);
    expect(life.state).toBe("draining");
    passTime(life);
    expect(life.state).toBe("draining");
    life.happens({ ...byOwner, discards: true });
    expect(life.state).toBe("destroying");
    life.happens({ type: "server_gone" });
    expect(life.effects.some(({ effect }) => effect.kind === "tell_task" && effect.taskId === taskId)).toBe(true);
  });
});

describe("the task of saved work that a node alone has", () => {
  it("is told by an effect, until it has heard it, when the remote has the work: the node may go after that", () => {
    const life = nodeIn("warm");
    life.happens(holds());
    expect(life.countOf("tell_saved_work")).toBe(0);
    const made = life.happens(holds("remote"));
    const told = { ...work, place: "remote" };
    expect(made.effects.map(({ effect }) => effect)).toEqual([{ kind: "tell_saved_work", taskId, work: told }]);
    life.happens(holds("remote"));
    expect(life.countOf("tell_saved_work")).toBe(1);
  });

  it("is told by an effect when the node has it no more", () => {
    const life = nodeIn("warm");
    life.happens(holds());
    const made = life.happens(nothing);
    const { commit } = work;
    expect(made.effects.map(({ effect }) => effect)).toEqual([{ kind: "tell_saved_work_gone", taskId, commit }]);
  });
});

describe("a node that drains", () => {
  it("lets its tasks end before it goes, and stays for what could not be pushed", () => {
    const life = nodeIn("draining");
    life.happens(holds("mirror", [taskId]));
    passTime(life, 1);
    expect(life.state).toBe("draining");
    expect(life.facts.mustGo).toBe(true);
    life.happens({ type: "released", taskId });
    expect(life.state).toBe("draining");
    expect(life.facts.kept).not.toBeNull();
    life.happens(nothing);
    expect(life.state).toBe("destroying");
  });

  it("takes no task but the one that comes for what it holds", () => {
    const life = nodeIn("draining");
    life.happens(holds());
    life.happens({ type: "released", taskId });
    life.happens({ type: "claimed", taskId: otherTaskId });
    expect(life.facts.claims).toEqual([]);
    expect(hasRoomFor(life.facts, taskId)).toBe(true);
    life.happens({ type: "claimed", taskId: otherTaskId, savedWorkOf: taskId });
    expect(life.facts.claims).toEqual([otherTaskId]);
  });

  it("goes at its deadline as ever where nothing would be lost", () => {
    const life = nodeIn("draining");
    for (let beat = 0; beat < 11; beat += 1) life.happens({ type: "contact" }, 60_000);
    life.happens({ type: "look" }, 0);
    expect(life.state).toBe("destroying");
  });
});

describe("a node that falls silent", () => {
  it("with work on it that nobody has saved ends its tasks and keeps its disk; when it comes back it saves and goes", () => {
    const life = nodeIn("ready");
    life.happens(hello());
    life.happens({ type: "held_work_reported", held: { works: [], unsaved: [taskId] } });
    life.looksUntil(() => life.state !== "ready");
    expect(life.state).toBe("draining");
    expect(life.facts).toMatchObject({ failure: "contact_lost", mustGo: true });
    for (let looks = 0; looks < 5; looks += 1) life.looks();
    expect(life.state).toBe("draining");
    life.happens(hello("boot-two"));
    life.happens(nothing);
    expect(life.state).toBe("draining");
    life.happens({ type: "released", taskId });
    expect(life.state).toBe("destroying");
  });

  it("with nothing on it is destroyed", () => {
    const life = nodeIn("ready");
    life.looksUntil(() => life.state === "destroying");
    expect(life.facts.failure).toBe("contact_lost");
  });
});

describe("a node whose task is cancelled by force", () => {
  const forced = { ...byOwner, detail: "forced", forcedFor: taskId } as const;

  it("is destroyed at once where that task is alone on it", () => {
    const life = nodeIn("ready");
    life.happens(holds("mirror", [taskId]));
    life.happens(forced);
    expect(life.state).toBe("destroying");
    expect(life.facts.claims).toEqual([taskId]);
  });

  it("stays for what it alone holds of another task, takes no task any more, and goes once that is pushed", () => {
    const life = nodeIn("ready");
    life.happens(holds("mirror", [taskId], otherTaskId));
    life.happens(forced);
    expect(life.facts).toMatchObject({ state: "draining", claims: [], discards: false });
    expect(life.facts.kept).not.toBeNull();
    expect(hasRoom(life.facts)).toBe(false);
    life.looks();
    expect(life.state).toBe("draining");
    life.happens(holds("remote", [], otherTaskId));
    expect(life.state).toBe("destroying");
  });

  it("lets the others end first, and takes no task any more", () => {
    const life = nodeIn("ready");
    life.happens({ type: "claimed", taskId: otherTaskId });
    life.happens(forced);
    life.happens(forced);
    expect(life.state).toBe("draining");
    expect(life.facts.claims).toEqual([otherTaskId]);
    life.happens({ type: "released", taskId: otherTaskId });
    expect(life.state).toBe("destroying");
  });
});
