import { describe, expect, it } from "vitest";

import { breachesOf, completedRecord, systemRecord, withNodes } from "../testing/rule-records.ts";
import { checkSystem, checkTask } from "./check.ts";
import { installationLabelName, nodeLabelName } from "./system-record.ts";

describe("intent before effect, and every effect once", () => {
  it("holds for a task that was completed, and for a system at rest", () => {
    expect(breachesOf(checkTask(completedRecord()), 4)).toEqual([]);
    expect(breachesOf(checkSystem(systemRecord()), 4)).toEqual([]);
  });

  it("is broken by a key or a command's id that is used again", () => {
    const record = completedRecord();
    const effects = [...(record.effects ?? []), ...(record.effects?.slice(-1) ?? [])];
    expect(breachesOf(checkTask({ ...record, effects }), 4)[0]).toMatch(/two effects have the key effect-\d+/);
    const command = { commandId: "task.1", type: "prompt" };
    const twice = [1, 2].map((number) => ({ key: `effect-${number}`, kind: "command", command }) as const);
    expect(breachesOf(checkTask({ ...record, effects: twice, carriedOut: [] }), 4)).toEqual([
      "two commands have the id task.1",
    ]);
  });

  it("is broken by a command that is carried out twice, or that nobody asked for", () => {
    const record = completedRecord();
    const [first = ""] = record.carriedOut ?? [];
    expect(breachesOf(checkTask({ ...record, carriedOut: [first, first] }), 4)).toEqual([
      `${first} was carried out twice`,
    ]);
    expect(breachesOf(checkTask({ ...record, carriedOut: ["made-up"] }), 4)).toEqual([
      "made-up was carried out, and nobody asked for it",
    ]);
  });

  it("is broken by two starts of the agent under one number", () => {
    const record = completedRecord();
    const effects = ["a", "b"].map((commandId) => {
      return { key: commandId, kind: "command", command: { commandId, type: "start_agent", incarnation: 1 } } as const;
    });
    expect(breachesOf(checkTask({ ...record, effects, carriedOut: [] }), 4)).toEqual([
      "start 1 of its agent came after start 1",
    ]);
  });

  it("is broken by a server of ours that no node stands for, and not by somebody else's", () => {
    const record = systemRecord();
    const stray = (installation: string) => ({
      ...record,
      servers: [
        ...(record.servers ?? []),
        { serverId: "8", labels: { [installationLabelName]: installation, [nodeLabelName]: "node_other" } },
      ],
    });
    expect(breachesOf(checkSystem(stray("theirs")), 4)).toEqual([]);
    expect(breachesOf(checkSystem(stray("ours")), 4)).toEqual([
      "it carries our label, and node_other is no node of ours",
    ]);
  });

  it("is broken by a node with two servers, or with another than it knows", () => {
    const record = systemRecord();
    const again = record.servers?.map(({ labels }) => ({ serverId: "8", labels })) ?? [];
    const two = { ...record, servers: [...(record.servers ?? []), ...again] };
    expect(breachesOf(checkSystem(two), 4)).toEqual(["it has 2 servers: 7, 8"]);
    expect(breachesOf(checkSystem(withNodes(record, { serverId: "9" })), 4)).toEqual([
      "it knows server 9, and the provider lists 7 for it",
    ]);
  });
});
