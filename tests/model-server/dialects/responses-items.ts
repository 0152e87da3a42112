/** An item is one thing that a response holds: a message, a thought, a call. */
import type { ToolCall } from "../script/answer.ts";
import { freshId } from "./dialect.ts";

export type Item = Readonly<Record<string, unknown>>;

export function messageItem(text: string): Item {
  return {
    id: freshId("msg"),
    type: "message",
    role: "assistant",
    status: "completed",
    content: [{ type: "output_text", text, annotations: [] }],
  };
}

export function thoughtItem(text: string): Item {
  return { id: freshId("rs"), type: "reasoning", summary: [{ type: "summary_text", text }] };
}

/** A tool that takes a plain text is called by an item of its own kind. */
export function callItem({ name, input }: ToolCall): Item {
  const head = { call_id: freshId("call"), name, status: "completed" };
  return typeof input === "string"
    ? { id: freshId("ctc"), type: "custom_tool_call", ...head, input }
    : { id: freshId("fc"), type: "function_call", ...head, arguments: JSON.stringify(input) };
}
