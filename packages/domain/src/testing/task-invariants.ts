/** What must hold of a task after every event, whatever it was. Each breach is named; a test prints them. */
import { isAway, isSaving } from "../return.ts";
import { brokenChain } from "../rules/durable-facts.ts";
import { completedWithout } from "../rules/ended-is-not-done.ts";
import { wrongReceipt } from "../rules/nothing-left-running.ts";
import { neverProgress } from "../rules/three-clocks.ts";
import type { TaskDecision, TaskEvent } from "../task-event.ts";
import type { TaskFacts } from "../task-facts.ts";
import { isFinal } from "../task-lifecycle.ts";

type When = (broken: boolean, what: string) => void;

/** @returns what is broken, each in words; nothing where all is well. */
export function breaches(before: TaskFacts, event: TaskEvent, decision: TaskDecision, now: number): readonly string[] {
  const found: string[] = [];
  const when: When = (broken, what) => {
    if (broken) found.push(what);
  };
  ofStep(when, decision.facts);
  ofClocks(when, before, event, decision.facts, now);
  ofTransitions(when, before, decision);
  ofEffects(when, before, decision);
  ofMessages(when, before, event, decision);
  ofEnd(when, before, decision.facts);
  ofAgent(when, before, decision);
  ofTurn(when, decision.facts);
  ofAnswers(when, decision);
  ofReturn(when, before, decision);
  ofContinuation(when, before, event, decision);
  return found;
}

function ofStep(when: When, facts: TaskFacts): void {
  const { step, deadlineAt, progressDeadlineAt, stallFlagAt, pollAt, permission, turn, nodeId, workspace } = facts;
  const final = isFinal(step);
  when(final !== (deadlineAt === null), "a deadline stands if and only if the step is not final");
  when(final && (progressDeadlineAt ?? stallFlagAt ?? pollAt) !== null, "nothing is awaited after the end");
  const asks = permission !== null || facts.furtherPermissions.length > 0;
  when(asks && facts.agent?.state !== "ready" && !isAway(facts), "a question of an agent that is not there");
  when(asks && (step !== "awaiting_input" || turn?.running !== true), "a question without a turn that waits for it");
  const waitsForYou = step === "awaiting_input" && turn?.running === true;
  const isAnswered = facts.comesBackFor !== null;
  when(waitsForYou && permission === null && !isAnswered, "a turn that waits for no question");
  const isReleased = facts.away?.state === "released";
  const needsNode =
    !final && !isReleased && !["node_selection", "waiting_for_node_capacity", "cancelling"].includes(step);
  when(needsNode && nodeId === null, `${step} without a node`);
  const needsWorkspace = needsNode && step !== "node_provisioning" && step !== "node_agent_ready";
  when(needsWorkspace && workspace?.standing !== true && !isSaving(facts), `${step} without a workspace`);
  when(step === "running" && turn?.running !== true, "running without a turn");
  when(step === "running" && facts.agent?.state === "gone", "running with an agent that is gone");
  const untold = step === "running" && facts.agent?.state === "ready" && turn?.given !== true;
  when(untold, "an agent that is ready, and was not told what to do");
  when(facts.attempt > 3 && step !== "waiting_for_node_capacity", "a fourth try of one step");
  when((facts.agent?.restarts ?? 0) > 1, "a second restart for one turn");
}

function ofClocks(when: When, before: TaskFacts, event: TaskEvent, facts: TaskFacts, now: number): void {
  const moved = facts.version !== before.version;
  when(!moved && facts.clocks.inStateSince !== before.clocks.inStateSince, "in state since moved without a step");
  when(moved && facts.clocks.inStateSince !== now, "in state since did not move with the step");
  when((facts.clocks.frozenAt !== null) !== isFinal(facts.step), "clocks are frozen if and only if it ended");
  if (isFinal(before.step)) {
    const same = JSON.stringify(facts.clocks) === JSON.stringify(before.clocks);
    when(!same, "a clock moved after the end");
  }
  const progressed = !moved && facts.clocks.lastProgressAt !== before.clocks.lastProgressAt;
  when(progressed && neverProgress.has(event.type), `${event.type} is no progress`);
  when(progressed && facts.clocks.lastProgressAt !== now, "progress at another time than now");
  const isBeat = event.type === "contact" || event.type === "node_observed";
  when(!moved && isBeat && facts.deadlineAt !== before.deadlineAt, `${event.type} moved the deadline`);
}

function ofTransitions(when: When, before: TaskFacts, { facts, transitions }: TaskDecision): void {
  when(facts.version !== before.version + transitions.length, "the version counts transitions");
  for (const broken of brokenChain(before, transitions)) when(true, broken);
  for (const transition of transitions) {
    when(transition.facts.step !== transition.to, "a projection of another step");
    const { deadlineAt } = transition.facts;
    when(isFinal(transition.to) !== (deadlineAt === null), "a projection without its deadline");
  }
  when(facts.step !== (transitions.at(-1)?.to ?? before.step), "the step is not where the transitions lead");
}

function ofEffects(when: When, before: TaskFacts, { facts, effects }: TaskDecision): void {
  const keys = effects.map(({ key }) => Number(key.replace("effect-", "")));
  when(
    keys.some((key, index) => key !== before.effectCount + index + 1),
    "an effect's key was used before",
  );
  when(facts.effectCount !== before.effectCount + effects.length, "effects are not counted");
  const ids = effects.flatMap(({ effect }) => (effect.kind === "command" ? [effect.commandId] : []));
  when(new Set(ids).size !== ids.length, "a command's id was used before");
  const searches = effects.filter(({ effect }) => effect.kind === "select_node").length;
  when(searches > (before.selecting ? 0 : 1), "two searches at once");
  const isWork = (type: string) => type !== "tear_down" && type !== "cancel_turn";
  const worked = effects.some(({ effect }) => effect.kind === "command" && isWork(effect.body.type));
  when(worked && (isFinal(facts.step) || facts.step === "cancelling"), "work was commanded after the end");
}

function ofMessages(when: When, before: TaskFacts, event: TaskEvent, made: TaskDecision): void {
  const { facts, messages, transitions } = made;
  const isNew = event.type === "vm_agent" && event.seq > before.nodeEventSeq && event.event.type === "agent_update";
  const updates = messages.filter(({ author }) => author === "agent").length;
  when(updates !== (isNew ? 1 : 0), "an update of the agent is said once");
  const steps = messages.filter(({ body }) => body.kind === "step").length;
  when(steps !== transitions.length, "each transition is said once");
  const spoken = messages.filter(({ author }) => author === "user").length;
  const tells = before.waitingTexts.length > 0 && facts.waitingTexts.length === 0;
  const opens =
    tells || event.type === "follow_up" || (event.type === "vm_agent" && event.event.type === "agent_ready");
  when(spoken > (opens ? 1 : 0), "words in the user's mouth");
  const untold = before.waitingTexts.filter((text) => !facts.waitingTexts.includes(text));
  const said = messages.map(({ body }) => ("text" in body ? body.text : "")).join("\n");
  const lost = untold.some((text) => !said.includes(text)) && !said.includes("was not told to the agent");
  when(lost, "what waited for the turn is neither told nor said to be untold");
}

function ofEnd(when: When, before: TaskFacts, facts: TaskFacts): void {
  const { step, failure, verdicts, cancel, nodeId } = facts;
  when(isFinal(before.step) && step !== before.step, `${before.step} became ${step}`);
  when((step === "failed") !== (failure !== null), "a failure stands if and only if it failed");
  when(isFinal(before.step) && failure !== before.failure, "the failure changed after the end");
  when(isFinal(before.step) && verdicts !== before.verdicts, "a verdict changed after the end");
  if (step === "completed") for (const lack of completedWithout(verdicts)) when(true, lack);
  when((step === "cancelling" || step === "cancelled") && cancel === null, "cancelled by nobody");
  when(cancel !== null && step === "completed", "completed after a cancel");
  for (const wrong of wrongReceipt(facts)) when(true, wrong);
  const isReleased = (of: TaskFacts) => of.receipt.some(({ line }) => line === "machine_released");
  const saysReleased = isReleased(facts) && !isReleased(before);
  when(saysReleased && nodeId !== null, "the machine is said to be released, and claimed");
}

function ofAgent(when: When, before: TaskFacts, { facts, effects }: TaskDecision): void {
  let incarnation = before.agent?.incarnation ?? 0;
  for (const { effect } of effects) {
    if (effect.kind !== "command") continue;
    const { body } = effect;
    if (body.type === "start_agent") {
      incarnation += 1;
      when(body.incarnation !== incarnation, "an incarnation was commanded before, or left out");
      when(body.incarnation !== facts.agent?.incarnation, "two incarnations are commanded");
      when(facts.agent?.state !== "starting", "an agent is commanded that is not starting");
    }
    if (body.type === "prompt") {
      when(facts.agent?.state !== "ready", "a prompt for an agent that is not there");
      when(body.turn !== facts.turn?.number, "a prompt of another turn");
    }
  }
}

/** What belongs to turns belongs to a step that has them; and nobody waits for the end of a turn that does not run. */
function ofTurn(when: When, facts: TaskFacts): void {
  const { step, turn, agent, interrupted, waitingTexts, modelTrouble } = facts;
  const hasTurns = step === "running" || step === "awaiting_input";
  const comesBack = facts.comesBackFor !== null;
  when(waitingTexts.length > 0 && !comesBack && !(hasTurns && turn?.running === true), "a text that waits for no turn");
  when(interrupted && !hasTurns, "an interruption that leads nowhere");
  when(interrupted && step === "running" && agent?.state !== "ready", "an interrupted turn that nobody can end");
  when(interrupted && step === "awaiting_input" && turn?.running === true, "a question of an interrupted turn");
  when(modelTrouble !== null && !hasTurns, "a model that fails, and no turn that needs it");
  when(modelTrouble !== null && modelTrouble.giveUpAt < modelTrouble.since, "given up before it failed");
}

/** An answer goes to the agent if and only if the conversation says who gave it, and what it was. */
/** Who is away costs nothing, or is said to be kept; and what brings a task back is not lost on the way. */
function ofReturn(when: When, before: TaskFacts, { facts, effects }: TaskDecision): void {
  const { step, away, kept, comesBackFor, nodeId, releaseAt } = facts;
  when((away !== null || kept !== null) && step !== "awaiting_input", "away, and not awaiting anyone");
  when(away !== null && kept !== null, "let go and kept at once");
  when(away?.state === "released" && nodeId !== null, "released with a claim");
  when(away?.state === "released" && comesBackFor !== null, "a reply that nobody comes back for");
  when(kept !== null && comesBackFor !== null, "a reply that nobody comes back for, where the machine was kept");
  when(releaseAt !== null && step !== "awaiting_input", "a release of a machine that works");
  when(isFinal(step) && comesBackFor !== null, "a reply that is still to be told after the end");
  const told = effects.some(({ effect }) => effect.kind === "command" && effect.body.type === "prompt");
  const isLost = before.comesBackFor !== null && comesBackFor === null && !told && !ends(step);
  when(isLost, "a reply was lost on the way back");
}

function ends(step: TaskFacts["step"]): boolean {
  return isFinal(step) || step === "cancelling" || step === "delivery";
}

function ofAnswers(when: When, { effects, messages }: TaskDecision): void {
  const given = effects.flatMap(({ effect }) =>
    effect.kind === "command" && effect.body.type === "answer" ? [effect.body] : [],
  );
  for (const { requestId, optionId } of given) {
    const settled = messages.filter(({ body }) => body.kind === "permission_settled" && body.requestId === requestId);
    const isSaid = settled.some(({ body }) => body.kind === "permission_settled" && body.optionId === optionId);
    when(settled.length !== 1 || !isSaid, "an answer that the conversation does not show once");
  }
  const policies = messages.filter(({ body }) => body.kind === "permission_settled" && body.by.startsWith("policy:"));
  when(policies.length > given.length, "a policy is said to have answered, and did not");
}

/** Exactly one task continues another, and it begins in the same breath in which that is written down. */
function ofContinuation(when: When, before: TaskFacts, event: TaskEvent, { facts, effects }: TaskDecision): void {
  const begun = effects.flatMap(({ effect }) => (effect.kind === "begin_task" ? [effect.request] : []));
  const isNew = facts.continuedBy !== null && facts.continuedBy !== before.continuedBy;
  when(begun.length !== (isNew ? 1 : 0), "a continuation is begun if and only if it is written down");
  when(isNew && before.continuedBy !== null, "continued twice");
  when(facts.continuedBy !== null && !isFinal(facts.step), "continued before its end");
  const refused = event.type === "continuation_refused" && event.by === before.continuedBy;
  when(before.continuedBy !== null && facts.continuedBy === null && !refused, "a continuation is forgotten");
  for (const { taskId, continues } of begun) {
    when(taskId !== facts.continuedBy, "another task is begun than is written down");
    when(continues?.taskId !== facts.request.taskId, "a continuation of something else");
  }
}
