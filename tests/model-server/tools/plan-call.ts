/** A plan call fills the list of things to do that most agents keep, each with a tool of its own shape. */
import type { ToolCall } from "../script/answer.ts";
import type { DeclaredTool } from "../script/conversation.ts";
import { smallestValue, type JsonSchema } from "./json-schema.ts";

const names = ["TodoWrite", "todowrite", "todo_write", "write_todos", "update_plan"];

/** What the tools call the text of an entry. */
const texts = ["content", "step", "description"];

/** @returns the call, the first entry in progress and the others pending, or null where the agent keeps no such list. */
export function planCall(entries: readonly string[], tools: readonly DeclaredTool[]): ToolCall | null {
  const tool = tools.find(({ name }) => names.includes(name));
  const [list, schema] = listOf(tool?.parameters ?? null);
  if (tool === undefined || list === null) return null;
  const properties = schema.properties ?? {};
  const items = entries.map((entry, index) => {
    const item: Record<string, unknown> = {};
    for (const name of schema.required ?? [])
      item[name] = properties[name]?.enum === undefined ? entry : smallestValue(properties[name]);
    item[texts.find((name) => name in properties) ?? "content"] = entry;
    item["status"] = index === 0 ? "in_progress" : "pending";
    if ("id" in properties) item["id"] = `${index + 1}`;
    return item;
  });
  return { name: tool.name, input: { [list]: items } };
}

/** @returns the argument that takes the list, and what an entry of it looks like. */
function listOf(parameters: JsonSchema | null): readonly [string, JsonSchema] | readonly [null, null] {
  for (const [name, { items }] of Object.entries(parameters?.properties ?? {}))
    if (items?.properties !== undefined) return [name, items];
  return [null, null];
}
