/** What the user says beside the agent's questions: something more, now or at the end of the turn, or that it stop. */
import { withWords } from "../reply.ts";
import { isAway } from "../return.ts";
import type { TaskEvent } from "../task-event.ts";
import { canInterrupt, canSay, hasRoomFor, wasSaid } from "../user-may.ts";
import { startAgent } from "./agent.ts";
import type { TaskDraft } from "./draft.ts";
import { saidAway } from "./release.ts";
import { beginTurn, interruptedTurnIsOver } from "./turn-end.ts";
import { cancelTurn, resumeTurn } from "./turn.ts";

/** While a turn runs the text waits for its end, and is shown at once, so that it is seen not to be lost. */
export function followUp(draft: TaskDraft, event: Extract<TaskEvent, { type: "follow_up" }>): void {
  const { text, interrupt, key, summary = "" } = event;
  if (wasSaid(draft.facts, key)) return;
  switch (canSay(draft.facts)) {
    case "next_turn":
      if (isAway(draft.facts)) {
        keepKey(draft, key);
        saidAway(draft, text, summary);
        return;
      }
      keepWords(draft, key);
      beginTurn(draft, text, "follow_up");
      if (draft.facts.agent?.state === "gone") startAgent(draft, 0);
      return;
    case "waits_for_the_turn":
      if (!hasRoomFor(draft.facts, text)) return;
      keepWords(draft, key);
      draft.set({ waitingTexts: [...draft.facts.waitingTexts, text] });
      draft.note(`Told to the agent when its turn has ended: ${text}`);
      if (interrupt) interruptTurn(draft);
      return;
    case "continues":
    case null:
  }
}

function keepWords(draft: TaskDraft, key: string | null): void {
  draft.set({ replies: withWords(draft.facts.replies, draft.now) });
  keepKey(draft, key);
}

function keepKey(draft: TaskDraft, key: string | null): void {
  if (key !== null) draft.set({ saidKeys: [...draft.facts.saidKeys, key].slice(-keysKept) });
}

/** A reply that was lost is asked for again soon, and not after so many other words. */
const keysKept = 16;

/** The turn is cancelled; its end leads to the user, or to what they have said already. */
export function interruptTurn(draft: TaskDraft): void {
  if (!canInterrupt(draft.facts)) return;
  draft.closePermissions();
  if (draft.facts.step === "awaiting_input") resumeTurn(draft, "interrupted");
  draft.set({ interrupted: true });
  draft.note("You interrupted the turn.");
  if (draft.facts.agent?.state === "ready") cancelTurn(draft);
  else interruptedTurnIsOver(draft, "you interrupted it while its agent was being started again");
}
