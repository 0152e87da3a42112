/**
 * One update of an agent (ACP's `session/update`), cut down to what a terminal shows of it. Agents differ and change:
 * what is not understood is left out, never guessed.
 */
import { z } from "zod";

export interface PlanEntry {
  readonly content: string;
  readonly status: string;
}

export type AgentUpdate =
  | { readonly kind: "prose" | "thought"; readonly text: string; readonly messageId: string | null }
  | ToolUpdate
  | { readonly kind: "plan"; readonly entries: readonly PlanEntry[] };

export interface ToolUpdate {
  readonly kind: "tool";
  readonly toolCallId: string;
  readonly title: string | null;
  readonly status: "pending" | "in_progress" | "completed" | "failed" | null;
  /** All that the tool printed so far; null where this update doesn't say. */
  readonly output: string | null;
  readonly exitCode: number | null;
  /** As the agent measured it. */
  readonly durationMs: number | null;
}

const textSchema = z.object({ type: z.literal("text"), text: z.string() });
const chunkSchema = z.object({ content: textSchema, messageId: z.string().nullish().catch(null) });
const planSchema = z.object({ entries: z.array(z.object({ content: z.string(), status: z.string() })) });
const toolSchema = z.object({
  toolCallId: z.string(),
  title: z.string().nullish().catch(null),
  status: z.enum(["pending", "in_progress", "completed", "failed"]).nullish().catch(null),
  content: z.array(z.unknown()).nullish().catch(null),
  rawOutput: z
    .object({ exitCode: z.number().nullish().catch(null), durationMs: z.number().nullish().catch(null) })
    .nullish()
    .catch(null),
});
const contentSchema = z.object({ type: z.literal("content"), content: textSchema });
const diffSchema = z.object({ type: z.literal("diff"), path: z.string() });

/** @returns what to show of an update, or null for nothing. */
export function readAgentUpdate(update: Readonly<Record<string, unknown>>): AgentUpdate | null {
  switch (update["sessionUpdate"]) {
    case "agent_message_chunk":
      return chunk("prose", update);
    case "agent_thought_chunk":
      return chunk("thought", update);
    case "tool_call":
    case "tool_call_update":
      return tool(update);
    case "plan": {
      const plan = planSchema.safeParse(update);
      return plan.success ? { kind: "plan", entries: plan.data.entries } : null;
    }
    default:
      return null;
  }
}

function chunk(kind: "prose" | "thought", update: unknown): AgentUpdate | null {
  const parsed = chunkSchema.safeParse(update);
  if (!parsed.success) return null;
  const { content, messageId = null } = parsed.data;
  return { kind, text: content.text, messageId };
}

function tool(update: unknown): ToolUpdate | null {
  const parsed = toolSchema.safeParse(update);
  if (!parsed.success) return null;
  const { toolCallId, title, status, content, rawOutput } = parsed.data;
  return {
    kind: "tool",
    toolCallId,
    title: title ?? null,
    status: status ?? null,
    output:
      content === null || content === undefined
        ? null
        : content
            .map(textOf)
            .filter((text) => text !== "")
            .join("\n"),
    exitCode: rawOutput?.exitCode ?? null,
    durationMs: rawOutput?.durationMs ?? null,
  };
}

function textOf(part: unknown): string {
  const content = contentSchema.safeParse(part);
  if (content.success) return content.data.content.text;
  const diff = diffSchema.safeParse(part);
  return diff.success ? `changed ${diff.data.path}` : "";
}
