import { describe, expect, it } from "vitest";

import { defaultSettings } from "./settings.ts";
import { wholeCommand, wholeFacts, wholeNodeFacts, type StoredTaskFacts } from "./stored-facts.ts";
import { decide } from "./task-decision/decide.ts";
import { firstFacts } from "./task-decision/first-facts.ts";
import { nodeIn } from "./testing/node-life.ts";
import { lifeIn, nodeId, taskRequest } from "./testing/task-life.ts";

/** What version 1 stored of a task that waits for an answer, less what it had in common with today. */
function storedByVersion1(): StoredTaskFacts {
  const { facts } = lifeIn("awaiting_input");
  const { request, permission: _permission, ...rest } = facts;
  const { workedOn: _w, waitingTexts: _t, saidKeys: _k, interrupted: _i, modelTrouble: _m, usage: _u, ...more } = rest;
  const { diffMark: _d, savedRef: _s, continuedBy: _c, replies: _r, ...after } = more;
  const { savedWork: _v, bringsBack: _bb, broughtBack: _o, ...since } = after;
  const { releaseAt: _ra, away: _a, kept: _ke, comesBackFor: _cb, givenBefore: _g, ...old } = since;
  const { permissionPolicy: _p, continues: _n, ...oldRequest } = request;
  return { ...old, request: oldRequest, permission: { requestId: "q1", title: "Run it?", options: [] } };
}

describe("a command that version 1 had on its way", () => {
  it("is whole when it is sent, so that what stands behind it in its lane is sent too", () => {
    const life = lifeIn("running");
    const { agentId: _a, ...create } = life.lastCommand("create_workspace");
    const { homeOf: _h, ...start } = life.lastCommand("start_agent");
    expect(wholeCommand(create, taskRequest)).toEqual(life.lastCommand("create_workspace"));
    expect(wholeCommand(start, taskRequest)).toEqual(life.lastCommand("start_agent"));
    for (const command of life.commands) expect(wholeCommand(command, taskRequest)).toEqual(command);
  });
});

describe("facts that version 1 stored", () => {
  it("are whole when they are read: they have everything that a new task has", () => {
    const facts = wholeFacts(storedByVersion1());
    const fresh = firstFacts(taskRequest, 0, defaultSettings);
    expect(Object.keys(facts).toSorted()).toEqual(Object.keys(fresh).toSorted());
    expect(Object.keys(facts.request).toSorted()).toEqual(Object.keys(fresh.request).toSorted());
    expect(facts).toMatchObject({ workedOn: nodeId, waitingTexts: [], request: { permissionPolicy: "ask" } });
    expect(facts.permission).toMatchObject({ toolKind: "other", detail: null });
  });

  it("are gone on from like any others", () => {
    const facts = wholeFacts(storedByVersion1());
    const { now } = lifeIn("awaiting_input");
    const event = { type: "answered", requestId: "q1", optionId: null, by: "user" } as const;
    expect(decide(facts, event, now + 1_000, defaultSettings).facts.step).toBe("running");
  });

  it("of today stay as they are", () => {
    const { facts } = lifeIn("running");
    expect(wholeFacts(facts)).toEqual(facts);
  });
});

describe("facts of a node that did not say yet what it holds", () => {
  it("are whole when they are read: it holds nothing that is known", () => {
    const { facts } = nodeIn("warm");
    const { holds: _h, kept: _k, discards: _d, mustGo: _m, ...old } = facts;
    expect(wholeNodeFacts(old)).toEqual(facts);
  });
});
