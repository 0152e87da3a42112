/** Decisions about a node: pure, with time as an argument. */
import { startClocks } from "../clocks.ts";
import type { TaskId } from "../ids.ts";
import type { NodeDecision, NodeEvent, ServerStatus } from "../node-event.ts";
import { hasRoom, hasRoomFor, type NodeFacts, type NodeRequest } from "../node-facts.ts";
import { isFinalNodeState, nodeLifecycle, type NodeState } from "../node-lifecycle.ts";
import { pushBack, unseen, type Outage } from "../outage.ts";
import type { Settings } from "../settings.ts";
import { NodeDraft } from "./draft.ts";
import { heldWorkReported, isHeld, keep, loseContact } from "./holding.ts";

/** A node that a task asked for: its row and its tag exist before the provider hears of it. */
export function begin(request: NodeRequest, firstTask: TaskId, now: number, settings: Settings): NodeDecision {
  const machine = { known: false, machineType: request.machineType, why: "the catalog has not been read yet" } as const;
  const facts: NodeFacts = {
    request,
    state: "requested",
    version: 1,
    createdAt: now,
    clocks: startClocks(now),
    deadlineAt: now + settings.nodeRequestMs,
    contactDeadlineAt: null,
    pollAt: null,
    effectCount: 0,
    outagesSeenUntil: now,
    serverId: null,
    serverStatus: null,
    machine,
    claims: [firstTask],
    stays: {},
    bootId: null,
    epoch: 0,
    isolation: null,
    agents: [],
    failure: null,
    detail: "",
    holds: [],
    kept: null,
    discards: false,
    mustGo: false,
  };
  const draft = new NodeDraft(facts, now, settings);
  draft.record(null, "requested");
  draft.effect({ kind: "create_server" });
  draft.effect({ kind: "read_machine" });
  return draft.done();
}

export function decide(facts: NodeFacts, event: NodeEvent, now: number, settings: Settings): NodeDecision {
  const draft = new NodeDraft(facts, now, settings);
  if (!isFinalNodeState(facts.state)) apply(draft, event);
  return draft.done();
}

type EventOf<Type extends NodeEvent["type"]> = Extract<NodeEvent, { type: Type }>;

function apply(draft: NodeDraft, event: NodeEvent): void {
  switch (event.type) {
    case "look":
      look(draft);
      return;
    case "machine_read":
      draft.set({ machine: event.machine });
      return;
    case "server_created":
      serverCreated(draft, event.serverId, event.status);
      return;
    case "server_refused":
      if (draft.facts.state === "requested") draft.fail(event.failure, event.detail, "server_refused");
      return;
    case "server_observed":
      serverStatusRead(draft, event.serverId, event.status);
      return;
    case "server_gone":
      serverGone(draft);
      return;
    case "server_unlisted":
      serverUnlisted(draft);
      return;
    case "hello":
      hello(draft, event);
      return;
    case "contact":
      draft.contact();
      return;
    case "claimed":
      claimed(draft, event);
      return;
    case "released":
      released(draft, event.taskId, event.stay ?? null);
      return;
    case "given_up":
      givenUp(draft, event);
      return;
    case "held_work_reported":
      heldWorkReported(draft, event);
  }
}

function serverCreated(draft: NodeDraft, serverId: string, status: ServerStatus): void {
  const isFirst = draft.facts.state === "requested";
  draft.set({ serverId, serverStatus: status });
  if (isFirst) draft.enter("creating", "server_created");
  const boots = draft.facts.state === "creating" && status === "running";
  if (boots) draft.enter("booting", "server_running");
  if (isFirst || boots) draft.tellTasks();
}

/** A status that is the same as before is contact with the provider, and no progress. */
function serverStatusRead(draft: NodeDraft, serverId: string, status: ServerStatus): void {
  const { state, serverStatus, serverId: knownId } = draft.facts;
  const moved = status !== serverStatus || knownId === null;
  draft.set({ serverId, serverStatus: status });
  if (!moved || state === "destroying") return;
  draft.progress();
  if (state === "creating" && status === "running") draft.enter("booting", "server_running");
  draft.tellTasks();
}

function serverGone(draft: NodeDraft): void {
  const { state, failure } = draft.facts;
  if (state === "destroying") {
    draft.enter("destroyed", "server_gone");
    draft.tellTasks();
    // Those whose saved work goes with it.
    for (const { taskId } of draft.facts.holds) {
      if (!draft.facts.claims.includes(taskId)) draft.effect({ kind: "tell_task", taskId });
    }
    draft.set({ claims: [], stays: {}, kept: null });
    // What the provider never gave frees nothing: an offer would bring the same refusal again at once.
    const wasRefused = failure === "quota_exceeded" || failure === "capacity";
    if (!wasRefused) draft.effect({ kind: "offer_capacity" });
  } else if (state !== "requested" && state !== "failed") {
    draft.fail("server_gone", "the provider no longer lists the server", "server_gone");
  }
}

/** A machine that was heard of this recently runs, whatever a listing says. */
const heardMs = 60_000;

/** A listing that lacks the server is a reason to ask for it by its own id, and no more. */
function serverUnlisted(draft: NodeDraft): void {
  const { state, serverId, clocks } = draft.facts;
  const hasServer = state === "booting" || works(state);
  const isHeard = clocks.lastContactAt !== null && draft.now - clocks.lastContactAt < heardMs;
  if (hasServer && serverId !== null && !isHeard) draft.effect({ kind: "observe_server" });
}

/** A hello is contact; the first one makes the node ready; one of a new boot begins a new epoch. */
function hello(draft: NodeDraft, event: EventOf<"hello">): void {
  const { state, bootId, epoch } = draft.facts;
  if (state === "failed" || state === "destroying") return;
  const { isolation, agents } = event;
  if (event.bootId !== bootId) draft.set({ bootId: event.bootId, epoch: epoch + 1 });
  draft.set({ isolation, agents, mustGo: draft.facts.mustGo && draft.facts.claims.length > 0 });
  draft.contact();
  if (state === "requested" || state === "creating" || state === "booting") {
    draft.enter(draft.facts.claims.length > 0 ? "ready" : "warm", "hello");
    draft.tellTasks();
    if (hasRoom(draft.facts)) draft.effect({ kind: "offer_capacity" });
  }
}

/** Claiming is a compare-and-set here: whoever is in `claims` afterwards has a slot, and nobody else. */
function claimed(draft: NodeDraft, { taskId, stay = 0, savedWorkOf = null }: EventOf<"claimed">): void {
  const { claims, stays } = draft.facts;
  const isClaimed = claims.includes(taskId);
  if (!isClaimed && !hasRoomFor(draft.facts, savedWorkOf)) return;
  draft.set({ stays: { ...stays, [taskId]: Math.max(stay, stays[taskId] ?? 0) } });
  if (isClaimed) return;
  draft.set({ claims: [...claims, taskId] });
  if (draft.facts.state === "warm") draft.enter("ready", "claimed");
}

/** Said late, it is of a stay that was over before: the task has come back, and its new claim stands. */
function released(draft: NodeDraft, taskId: TaskId, stay: number | null): void {
  const isOlder = stay !== null && stay < (draft.facts.stays[taskId] ?? 0);
  if (!draft.facts.claims.includes(taskId) || isOlder) return;
  letGo(draft, taskId);
  const { state, claims } = draft.facts;
  const empty = claims.length === 0;
  if (empty) draft.set({ mustGo: false });
  if (empty && state === "ready") draft.enter("warm", "released");
  else if (empty && state === "draining") destroyOrKeep(draft, "released");
  else if (empty && (state === "requested" || state === "creating" || state === "booting"))
    draft.destroy("nobody_waits");
  if (hasRoom(draft.facts)) draft.effect({ kind: "offer_capacity" });
}

function letGo(draft: NodeDraft, taskId: TaskId): void {
  const { [taskId]: _over, ...stays } = draft.facts.stays;
  draft.set({ claims: draft.facts.claims.filter((claim) => claim !== taskId), stays });
}

function destroyOrKeep(draft: NodeDraft, cause: string): void {
  if (isHeld(draft)) keep(draft);
  else draft.destroy(cause);
}

function givenUp(draft: NodeDraft, event: EventOf<"given_up">): void {
  const { failure, detail, discards = false, forcedFor } = event;
  const { state } = draft.facts;
  if (state === "failed" || state === "destroying") return;
  if (discards) draft.set({ discards });
  if (forcedFor !== undefined) {
    forceOut(draft, forcedFor, detail);
    return;
  }
  if (failure === "destroyed_by_owner") drain(draft, detail);
  // It works after all, perhaps for other tasks: whoever gave it up too late lets its own claim go.
  else if (failure === "destroyed_by_task" && works(state)) return;
  else draft.fail(failure, detail, "given_up");
}

/**
 * A task's cancel can't be proven here. Where it is alone the node is destroyed with all that it has there; where others are,
 * it takes no task any more, and goes when they have let go; and what it alone holds of others keeps it.
 */
function forceOut(draft: NodeDraft, taskId: TaskId, detail: string): void {
  const { claims, state, holds } = draft.facts;
  if (!claims.includes(taskId)) return;
  const isAlone = claims.length === 1;
  if (isAlone && holds.every((hold) => hold.taskId === taskId)) {
    draft.set({ discards: true });
    draft.fail("destroyed_by_owner", detail, "forced");
    return;
  }
  draft.set({ failure: "destroyed_by_owner", detail });
  letGo(draft, taskId);
  if (state === "ready") draft.enter("draining", "forced");
  if (isAlone) keep(draft);
}

/** Its owner wants it gone. One that works lets its tasks end first, unless it was told so before. */
function drain(draft: NodeDraft, detail: string): void {
  const { state, claims } = draft.facts;
  const row = nodeLifecycle[state];
  draft.set({ failure: "destroyed_by_owner", detail });
  if (!row.final && row.destroy === "draining") draft.enter("draining", "given_up");
  if (state === "ready" && claims.length > 0) return;
  destroyOrKeep(draft, "given_up");
  draft.tellTasks();
}

function works(state: NodeState): boolean {
  return state === "ready" || state === "warm" || state === "draining";
}

function look(draft: NodeDraft): void {
  const { state, deadlineAt, contactDeadlineAt, pollAt } = draft.facts;
  const row = nodeLifecycle[state];
  if (row.final) return;
  const isPast = (at: number | null) => at !== null && at <= draft.now;
  if (isPast(contactDeadlineAt)) {
    if (isHeld(draft)) loseContact(draft, "no heartbeat within the limit");
    else draft.fail("contact_lost", "no heartbeat within the limit", "deadline");
  } else if (isPast(deadlineAt)) {
    deadlinePassed(draft, state);
  } else if (isPast(pollAt)) {
    draft.effect({ kind: state === "destroying" ? "destroy_server" : "observe_server" });
    draft.set({ pollAt: draft.now + draft.settings.providerPollMs });
  }
}

function deadlinePassed(draft: NodeDraft, state: NodeState): void {
  const detail = `${state} passed its deadline`;
  if (state === "requested") draft.fail("provider_unavailable", detail, "deadline");
  else if (state === "creating") draft.fail("provisioning_timeout", detail, "deadline");
  else if (state === "booting") draft.fail("boot_timeout", detail, "deadline");
  else if ((state === "warm" || state === "draining") && isHeld(draft)) heldPastDeadline(draft);
  else if (state === "warm") {
    draft.enter("draining", "deadline");
    draft.destroy("nobody_waits");
  } else if (state === "destroying") {
    // Never given up: what we believe is running is pursued until the provider says that it is gone.
    draft.set({ deadlineAt: draft.now + draft.settings.nodeDestroyMs });
    draft.effect({ kind: "destroy_server" });
  } else {
    draft.destroy("deadline");
    draft.tellTasks();
  }
}

/** The tasks of a node that goes end first, since what they work at is saved then. */
function heldPastDeadline(draft: NodeDraft): void {
  const { claims, mustGo, state } = draft.facts;
  if (state === "draining" && claims.length > 0 && !mustGo) {
    draft.set({ mustGo: true, deadlineAt: draft.now + draft.settings.nodeDrainMs });
    draft.tellTasks();
  } else {
    keep(draft);
  }
}

export function afterOutages(facts: NodeFacts, outages: readonly Outage[]): NodeFacts {
  const since = facts.outagesSeenUntil;
  const missed = unseen(outages, since);
  if (missed.length === 0) return facts;
  return {
    ...facts,
    deadlineAt: pushBack(facts.deadlineAt, outages, since),
    contactDeadlineAt: pushBack(facts.contactDeadlineAt, outages, since),
    outagesSeenUntil: Math.max(since, ...missed.map((outage) => outage.to)),
  };
}

export function nextLookAt(facts: NodeFacts): number | null {
  if (isFinalNodeState(facts.state)) return null;
  const times = [facts.deadlineAt, facts.contactDeadlineAt, facts.pollAt].filter((at) => at !== null);
  return times.length === 0 ? null : Math.min(...times);
}
