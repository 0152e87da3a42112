/** What the agent said, put together again: its prose comes in many small pieces, and a tool call in several updates. */
import type { Message } from "@sam/protocol/message";

import { type AgentUpdate, readAgentUpdate } from "../task/agent-update.ts";
import { timeOfDay } from "../terminal/times.ts";
import type { ReplayLine } from "./replay-lines.ts";
import { counted } from "./replay-words.ts";

interface Prose {
  readonly kind: "prose" | "thought";
  readonly messageId: string | null;
  readonly at: number;
  readonly lastAt: number;
  readonly text: string;
  readonly pieces: number;
}

export function agentTurns(messages: readonly Message[]): ReplayLine[] {
  return joined(messages).map((part) => ("text" in part ? proseLine(part) : otherLine(part)));
}

type Part = Prose | { readonly at: number; readonly update: Exclude<AgentUpdate, { readonly text: string }> };

/** Pieces of one message that follow each other are one; what somebody else says in between ends it. */
function joined(messages: readonly Message[]): readonly Part[] {
  const parts: Part[] = [];
  let isOpen = false;
  for (const { at, body } of messages) {
    const update = body.kind === "agent_update" ? readAgentUpdate(body.update) : null;
    if (update === null) {
      isOpen &&= body.kind === "agent_update";
    } else if ("text" in update) {
      const last = isOpen ? parts.at(-1) : undefined;
      const { kind, messageId, text } = update;
      const isSame = last !== undefined && "text" in last && last.kind === kind && last.messageId === messageId;
      if (isSame) parts.splice(-1, 1, longer(last, text, at));
      else parts.push({ kind, messageId, text, at, lastAt: at, pieces: 1 });
      isOpen = true;
    } else {
      parts.push({ at, update });
      isOpen = false;
    }
  }
  return parts;
}

function longer(prose: Prose, more: string, at: number): Prose {
  return { ...prose, text: `${prose.text}${more}`, lastAt: at, pieces: prose.pieces + 1 };
}

function proseLine({ kind, at, lastAt, text, pieces }: Prose): ReplayLine {
  const below = pieces === 1 ? null : `in ${counted(pieces, "piece")} until ${timeOfDay(lastAt)}`;
  return { at, who: "agent", text: kind === "thought" ? `thinks: ${text}` : text, colour: null, below };
}

function otherLine({ at, update }: Exclude<Part, Prose>): ReplayLine {
  return { at, who: "agent", text: otherText(update), colour: null, below: null };
}

function otherText(update: Exclude<Part, Prose>["update"]): string {
  if (update.kind === "plan") {
    const done = update.entries.filter(({ status }) => status === "completed").length;
    return `plan: ${done} of ${counted(update.entries.length, "step")} done`;
  }
  return `tool ${update.title ?? update.toolCallId}: ${update.status ?? "goes on"}`;
}
