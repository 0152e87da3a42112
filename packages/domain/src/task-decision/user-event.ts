/** What a user asks of a task. What does not fit the step changes nothing; the API has refused it before, by the same words. */
import { isAway } from "../return.ts";
import type { UserEvent } from "../task-event.ts";
import { canCancel } from "../task-lifecycle.ts";
import { canDeliver, canDiscardSavedWork } from "../user-may.ts";
import { forceCancel, requestCancel } from "./cleanup.ts";
import { continued } from "./continuation.ts";
import { deliver } from "./delivery.ts";
import type { TaskDraft } from "./draft.ts";
import { answered } from "./permission.ts";
import { deliverAway } from "./release.ts";
import { discardSavedWork } from "./saved-work.ts";
import { followUp, interruptTurn } from "./saying.ts";

export function userEvent(draft: TaskDraft, event: UserEvent): void {
  switch (event.type) {
    case "cancel_requested":
      if (canCancel(draft.facts.step)) requestCancel(draft, event.by);
      return;
    case "force_requested":
      forceCancel(draft, event.by);
      return;
    case "discard_requested":
      if (canDiscardSavedWork(draft.facts)) discardSavedWork(draft);
      return;
    case "answered":
      answered(draft, event);
      return;
    case "follow_up":
      followUp(draft, event);
      return;
    case "interrupt_requested":
      interruptTurn(draft);
      return;
    case "deliver_requested":
      if (!canDeliver(draft.facts)) return;
      if (isAway(draft.facts)) deliverAway(draft);
      else deliver(draft, "deliver_requested");
      return;
    case "continued":
      continued(draft, event);
  }
}
