/**
 * One update of an agent (ACP's `session/update`), cut down to what the page shows of it. Agents differ and change: what
 * is not understood is left out, never guessed.
 */
import { toolKinds, type ToolKind } from "@sam/domain/permission-policy";
import { z } from "zod";

export const toolStatuses = ["pending", "in_progress", "completed", "failed"] as const;
export type ToolStatus = (typeof toolStatuses)[number];

export const planStatuses = ["pending", "in_progress", "completed"] as const;
export type PlanStatus = (typeof planStatuses)[number];

export interface PlanEntry {
  readonly content: string;
  readonly status: PlanStatus;
}

/** A change to a file as a tool call tells it: never trusted as a path. */
export interface ToolDiff {
  readonly path: string;
  readonly oldText: string;
  readonly newText: string;
}

export interface ToolUpdate {
  readonly kind: "tool";
  readonly toolCallId: string;
  readonly isStart: boolean;
  /** Null, here and below: this update doesn't say. */
  readonly title: string | null;
  readonly toolKind: ToolKind | null;
  readonly status: ToolStatus | null;
  /** All that the tool printed so far. */
  readonly output: string | null;
  readonly diffs: readonly ToolDiff[] | null;
  readonly places: readonly string[] | null;
  /** What it was called with, as JSON. */
  readonly input: string | null;
  readonly exitCode: number | null;
  /** As the agent measured it. */
  readonly durationMs: number | null;
}

export type AgentUpdate =
  | { readonly kind: "prose" | "thought"; readonly text: string; readonly messageId: string | null }
  | ToolUpdate
  | { readonly kind: "plan"; readonly entries: readonly PlanEntry[] }
  | { readonly kind: "mode"; readonly mode: string }
  | { readonly kind: "context"; readonly used: number; readonly size: number };

const blockSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text"), text: z.string() }),
  z.object({ type: z.literal("image"), mimeType: z.string().catch("image") }),
  z.object({ type: z.literal("audio"), mimeType: z.string().catch("audio") }),
  z.object({ type: z.literal("resource_link"), uri: z.string(), name: z.string().catch("") }),
  z.object({
    type: z.literal("resource"),
    resource: z.object({ uri: z.string().catch("a resource"), text: z.string().nullish().catch(null) }),
  }),
]);
const chunkSchema = z.object({ content: blockSchema, messageId: z.string().nullish().catch(null) });
const planSchema = z.object({
  entries: z.array(z.object({ content: z.string(), status: z.enum(planStatuses).catch("pending") })),
});
const modeSchema = z.object({ currentModeId: z.string() });
const contextSchema = z.object({ used: z.number().nonnegative(), size: z.number().positive() });
const partSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("content"), content: blockSchema }),
  z.object({
    type: z.literal("diff"),
    path: z.string(),
    oldText: z.string().nullish().catch(null),
    newText: z.string().nullish().catch(null),
  }),
]);
const toolSchema = z.object({
  toolCallId: z.string(),
  title: z.string().nullish().catch(null),
  kind: z.enum(toolKinds).nullish().catch("other"),
  status: z.enum(toolStatuses).nullish().catch(null),
  content: z.array(z.unknown()).nullish().catch(null),
  locations: z
    .array(z.object({ path: z.string(), line: z.number().nullish().catch(null) }))
    .nullish()
    .catch(null),
  rawInput: z.unknown().optional(),
  rawOutput: z.unknown().optional(),
});
const outcomeSchema = z.object({
  exitCode: z.number().nullish().catch(null),
  durationMs: z.number().nonnegative().nullish().catch(null),
});

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
    case "plan":
      return planSchema.transform(({ entries }) => ({ kind: "plan" as const, entries })).safeParse(update).data ?? null;
    case "current_mode_update": {
      const mode = modeSchema.safeParse(update);
      return mode.success ? { kind: "mode", mode: mode.data.currentModeId } : null;
    }
    case "usage_update": {
      const context = contextSchema.safeParse(update);
      return context.success ? { kind: "context", ...context.data } : null;
    }
    default:
      return null;
  }
}

function chunk(kind: "prose" | "thought", update: unknown): AgentUpdate | null {
  const parsed = chunkSchema.safeParse(update);
  if (!parsed.success) return null;
  const { content, messageId = null } = parsed.data;
  return { kind, text: content.type === "text" ? content.text : `\n\n${described(content)}\n\n`, messageId };
}

/** What is not text is named: nothing of it is loaded or decoded. */
function described(block: z.infer<typeof blockSchema>): string {
  switch (block.type) {
    case "text":
      return block.text;
    case "image":
      return `[image, ${block.mimeType}, not shown]`;
    case "audio":
      return `[audio, ${block.mimeType}, not played]`;
    case "resource_link":
      return `[link: ${block.name} ${block.uri}]`;
    case "resource":
      return block.resource.text ?? `[${block.resource.uri}, not shown]`;
  }
}

function tool(update: Readonly<Record<string, unknown>>): ToolUpdate | null {
  const parsed = toolSchema.safeParse(update);
  if (!parsed.success) return null;
  const { toolCallId, title, kind, status, content, locations, rawInput, rawOutput } = parsed.data;
  const outcome = outcomeSchema.safeParse(rawOutput).data;
  return {
    kind: "tool",
    toolCallId,
    isStart: update["sessionUpdate"] === "tool_call",
    title: title ?? null,
    toolKind: kind ?? null,
    status: status ?? null,
    ...partsOf(content ?? null),
    places:
      locations?.map(({ path, line }) => (line === null || line === undefined ? path : `${path}:${line}`)) ?? null,
    input: jsonOf(rawInput),
    exitCode: outcome?.exitCode ?? null,
    durationMs: outcome?.durationMs ?? null,
  };
}

function partsOf(content: readonly unknown[] | null): Pick<ToolUpdate, "output" | "diffs"> {
  if (content === null) return { output: null, diffs: null };
  const texts: string[] = [];
  const diffs: ToolDiff[] = [];
  for (const raw of content) {
    const part = partSchema.safeParse(raw).data;
    if (part?.type === "content") texts.push(described(part.content));
    if (part?.type === "diff") {
      diffs.push({ path: part.path, oldText: part.oldText ?? "", newText: part.newText ?? "" });
    }
  }
  return { output: texts.filter((text) => text !== "").join("\n"), diffs };
}

function jsonOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return text === "{}" || text === "" ? null : text;
}
