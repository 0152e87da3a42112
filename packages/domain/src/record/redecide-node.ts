/** A node's record, decided again by the node's own decisions. */
import type { TaskId } from "../ids.ts";
import { afterOutages, begin, decide } from "../node-decision/decide.ts";
import type { NodeDecision, NodeEvent } from "../node-event.ts";
import type { NodeFacts, NodeRequest } from "../node-facts.ts";
import type { Outage } from "../outage.ts";
import type { Settings } from "../settings.ts";
import { nodeMomentOf, type NodeMoment } from "./node-moment.ts";
import type { Lull, RecordEntry } from "./record-entry.ts";
import { redecide, type Redecided } from "./redecide.ts";

type Stored = Omit<NodeFacts, "request">;

export interface RecordedNode {
  readonly request: NodeRequest;
  readonly entries: readonly RecordEntry<NodeEvent, NodeMoment, Stored>[];
  readonly settings: Settings;
  readonly outages: readonly Outage[];
}

export function redecideNode({ request, entries, settings, outages }: RecordedNode): Redecided {
  return redecide({
    entries,
    settings,
    outages,
    lifecycle: {
      begin: (at, its) => begun(request, entries[0]?.after.claims[0], at, its),
      decide,
      afterOutages,
      momentOf: nodeMomentOf,
      whole: (stored: Stored) => ({ ...stored, request }),
      eventsOf: (lulls: readonly Lull[]) =>
        lulls.flatMap(({ kind, lastAt }) =>
          kind === "contact" ? [{ event: { type: "contact" } as const, at: lastAt }] : [],
        ),
      corrected: (facts: NodeFacts, { failure: _failure, ...moment }: NodeMoment) => ({ ...facts, ...moment }),
      outagesSeenUntil: (moment: NodeMoment) => moment.outagesSeenUntil,
    },
  });
}

/** A node begins with the task that asked for it in its first slot. */
function begun(request: NodeRequest, firstTask: TaskId | undefined, at: number, settings: Settings): NodeDecision {
  if (firstTask === undefined) throw new RangeError("the first entry of a node names the task that asked for it");
  return begin(request, firstTask, at, settings);
}
