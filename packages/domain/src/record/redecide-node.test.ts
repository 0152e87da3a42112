/** The record of a node: its beats are counted, and its life is decided again as it was. */
import { expect, it } from "vitest";

import { begin, decide } from "../node-decision/decide.ts";
import type { NodeEvent } from "../node-event.ts";
import type { NodeFacts } from "../node-facts.ts";
import { defaultSettings } from "../settings.ts";
import { hello, nodeRequest } from "../testing/node-life.ts";
import { startedAt, taskId } from "../testing/task-life.ts";
import { nodeMomentOf, quietNodeEvent, type NodeMoment } from "./node-moment.ts";
import type { RecordEntry } from "./record-entry.ts";
import { additionOf, type Addition, type Newest } from "./recording.ts";
import { redecideNode } from "./redecide-node.ts";

const beat: NodeEvent = { type: "contact" };
const life: readonly NodeEvent[] = [
  { type: "server_created", serverId: "7", status: "initializing" },
  { type: "server_observed", serverId: "7", status: "initializing" },
  { type: "server_observed", serverId: "7", status: "running" },
  hello(),
  ...Array.from({ length: 50 }, () => beat),
  { type: "released", taskId },
  { type: "look" },
];

function recorded() {
  const entries: RecordEntry<NodeEvent, NodeMoment, Omit<NodeFacts, "request">>[] = [];
  let newest: Newest<NodeMoment> | null = null;
  let made = begin(nodeRequest, taskId, startedAt, defaultSettings);
  for (const [index, event] of [null, ...life].entries()) {
    const at = startedAt + index * 10_000;
    if (event !== null) made = decide(made.facts, event, at, defaultSettings);
    const words = { momentOf: nodeMomentOf, quietOf: quietNodeEvent };
    const addition: Addition<NodeMoment> = additionOf(words, newest, { event, at }, made);
    const moment: NodeMoment = addition.moment;
    if (addition.kind === "entry") {
      const nothing = {
        notKept: null,
        outcomeOf: null,
        messages: null,
        lulls: [],
        atLast: null,
        facts: null,
        settings: null,
      };
      const { outcome } = addition;
      entries.push({
        position: entries.length + 1,
        at,
        type: event?.type ?? "begun",
        event,
        outcome,
        after: moment,
        ...nothing,
      });
      newest = { lulls: [], moment };
    } else {
      const last = entries.pop();
      if (last !== undefined) entries.push({ ...last, lulls: addition.lulls, atLast: moment });
      newest = { lulls: addition.lulls, moment };
    }
  }
  return entries;
}

it("counts beats and polls that saw nothing new, and is decided again as it was", () => {
  const entries = recorded();
  expect(entries.map(({ type, lulls }) => [type, lulls.map(({ kind, count }) => `${count} ${kind}`)])).toEqual([
    ["begun", []],
    ["server_created", ["1 server_observed"]],
    ["server_observed", []],
    ["hello", ["50 contact"]],
    ["released", ["1 look"]],
  ]);
  const redecided = redecideNode({ request: nodeRequest, entries, settings: defaultSettings, outages: [] });
  expect(redecided).toEqual({ decided: 5, passedOver: [], differences: [] });
});
