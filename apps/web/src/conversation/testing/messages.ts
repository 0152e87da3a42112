/** Messages as a control plane stores them, for tests. */
import type { Chance } from "@sam/domain/testing/seeded";
import type { Message, MessageBody } from "@sam/protocol/message";

export const start = Date.UTC(2026, 0, 1, 14);

/** Numbered from `seq`, a second apart, each by the author who writes such a thing. */
export function messages(bodies: readonly MessageBody[], seq = 1): Message[] {
  return bodies.map((body, index) => ({
    seq: seq + index,
    at: start + (seq + index) * 1_000,
    author: authorOf(body),
    body,
  }));
}

function authorOf(body: MessageBody): Message["author"] {
  if (body.kind === "prompt") return "user";
  return body.kind === "agent_update" ? "agent" : "sam";
}

export function says(text: string, turn = 1): MessageBody {
  return update({ sessionUpdate: "agent_message_chunk", content: { type: "text", text } }, turn);
}

export function thinks(text: string, turn = 1): MessageBody {
  return update({ sessionUpdate: "agent_thought_chunk", content: { type: "text", text } }, turn);
}

export function calls(toolCallId: string, more: Record<string, unknown> = {}, turn = 1): MessageBody {
  return update(
    { sessionUpdate: "tool_call", toolCallId, title: `tool ${toolCallId}`, status: "pending", ...more },
    turn,
  );
}

export function reports(toolCallId: string, more: Record<string, unknown>, turn = 1): MessageBody {
  return update({ sessionUpdate: "tool_call_update", toolCallId, ...more }, turn);
}

export function update(of: Record<string, unknown>, turn = 1): MessageBody {
  return { kind: "agent_update", turn, update: of };
}

export function note(text: string): MessageBody {
  return { kind: "note", text };
}

export function turnEnded(turn = 1): MessageBody {
  return { kind: "turn_ended", turn, stopReason: "end_turn", detail: null, usage: null, model: null };
}

/** A conversation of every kind of message, drawn at random. */
export function drawnConversation(draw: Chance, length: number): Message[] {
  const bodies: MessageBody[] = [{ kind: "prompt", turn: 1, text: "Mend it" }];
  let turn = 1;
  while (bodies.length < length) {
    if (draw.next() < 0.05) turn += 1;
    bodies.push(drawnBody(draw, turn));
  }
  return messages(bodies);
}

const longText = `${"x".repeat(900)}\n\nMore\n`;

function drawnBody(draw: Chance, turn: number): MessageBody {
  const id = `call-${draw.below(6)}`;
  const entries = [{ content: "one", status: draw.pick(["pending", "completed"]) }];
  const make = draw.pick<() => MessageBody>([
    () => says(draw.pick(["word ", "another\n\nParagraph\n", "```\ncode\n", "```\n", longText]), turn),
    () => says("and on ", turn),
    () => thinks("hm ", turn),
    () => calls(id, {}, turn),
    () => reports(id, { status: draw.pick(["in_progress", "completed", "failed"]) }, turn),
    () => update({ sessionUpdate: "plan", entries }, turn),
    () => note("a note"),
    () => ({ kind: "permission", requestId: id, title: "May I?", detail: null, toolKind: "edit", options: [] }),
    () => ({ kind: "permission_settled", requestId: id, optionId: null, by: "sam" }),
    () => turnEnded(turn),
    () => ({ kind: "prompt", turn, text: "And now" }),
  ]);
  return make();
}
