import { describe, expect, it } from "vitest";

import {
  breachesOf,
  cancelledRecord,
  completedRecord,
  systemRecord,
  withLast,
  withTasks,
} from "../testing/rule-records.ts";
import { checkSystem, checkTask } from "./check.ts";
import { lastState } from "./task-record.ts";

describe("nothing is lost", () => {
  it("holds for a task that was completed, for one that was cancelled, and for a system at rest", () => {
    expect(breachesOf(checkTask(completedRecord()), 8)).toEqual([]);
    expect(breachesOf(checkTask(cancelledRecord()), 8)).toEqual([]);
    expect(breachesOf(checkSystem(systemRecord()), 8)).toEqual([]);
  });

  it("is broken by a message that is missing, or stands twice", () => {
    const record = completedRecord();
    const messages = record.messages ?? [];
    const without = { ...record, messages: messages.filter(({ seq }) => seq !== 3) };
    expect(breachesOf(checkTask(without), 8)[0]).toContain("4 stands where 3 should");
    const twice = { ...record, messages: [...messages, ...messages.slice(-1)] };
    expect(breachesOf(checkTask(twice), 8)[0]).toContain(
      `${messages.length} stands where ${messages.length + 1} should`,
    );
  });

  it("is broken by a follower that is shown something twice, not at all, or not to the end", () => {
    const record = completedRecord();
    const shown = (...seqs: readonly number[]) =>
      breachesOf(checkTask({ ...record, followers: [{ who: "a page", seqs }] }), 8);
    const last = record.messages?.length ?? 0;
    expect(shown(1, 2, 2)[0]).toContain("2 stands where 3 should");
    expect(shown(last - 2, last)[0]).toContain(`${last} stands where ${last - 1} should`);
    expect(shown(1, 2)).toEqual([`a page was shown 2 at last, of ${last}`]);
    const left = { ...record, followers: [{ who: "a page", seqs: [1, 2], hasLeft: true }] };
    expect(breachesOf(checkTask(left), 8)).toEqual([]);
  });

  it("is broken by a transition that the conversation does not say", () => {
    const record = completedRecord();
    const messages = record.messages
      ?.filter(({ body }) => body.to !== "running")
      .map((message, index) => ({ ...message, seq: index + 1 }));
    const untold = { ...record, followers: [], messages: messages ?? [] };
    expect(breachesOf(checkTask(untold), 8)[0]).toContain("its conversation says the steps");
  });

  it("is broken by words of the user that are not shown, or told twice", () => {
    const record = completedRecord();
    expect(breachesOf(checkTask({ ...record, said: ["And the tests?"] }), 8)).toEqual([
      'the conversation does not show "And the tests?"',
    ]);
    const prompt = { seq: 0, author: "user", body: { kind: "prompt", text: "And the tests?" } } as const;
    const messages = [...(record.messages ?? []), prompt, prompt].map((one, index) => ({ ...one, seq: index + 1 }));
    const told = { ...record, messages, followers: [], said: ["And the tests?"] };
    expect(breachesOf(checkTask(told), 8)).toEqual(['"And the tests?" was said 1 times, and told 2 times']);
  });

  it("is broken by a report of the VM agent that is passed over in silence", () => {
    const record = completedRecord();
    const events = record.events?.filter(({ seq }) => seq !== 4) ?? [];
    expect(breachesOf(checkTask({ ...record, events }), 8)[0]).toContain("5 stands where 4 should");
  });

  it("is broken by a workspace that is removed before its work is saved", () => {
    const record = cancelledRecord();
    const receipt = lastState(record)?.receipt.map((entry) =>
      entry.line === "workspace_saved" ? { ...entry, at: record.readAt } : entry,
    );
    const early = { receipt: receipt ?? [] };
    expect(breachesOf(checkTask(withLast(record, early)), 8)[0]).toContain("and saved only at");
    expect(breachesOf(checkSystem(withTasks(systemRecord(), early)), 8)[0]).toContain("and saved only at");
  });

  it("is broken by saved work that cannot be found", () => {
    const record = systemRecord();
    const refs = record.refs?.filter(({ at }) => at === "remote") ?? [];
    expect(breachesOf(checkSystem({ ...record, refs }), 8)[0]).toContain("is said to be saved as refs/sam/saved");
  });
});
