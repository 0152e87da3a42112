/** A tool call carries out one step of a script, with whichever of the agent's own tools does such a thing. */
import { join } from "node:path/posix";

import type { ToolCall } from "../script/answer.ts";
import type { DeclaredTool } from "../script/conversation.ts";
import type { ToolStep } from "../script/script.ts";
import { codeCall } from "./code-call.ts";
import { smallestObject, typeOf, type JsonSchema } from "./json-schema.ts";
import { patchAdding } from "./patch.ts";
import { planCall } from "./plan-call.ts";
import { escalation, quoted, writingCommand } from "./shell.ts";
import type { Workplace } from "./workplace.ts";

/** The tools by what they do; the first that an agent declares is taken. */
const names = {
  write: ["Write", "write", "write_file", "create"],
  read: ["Read", "read", "read_file", "view"],
  run: ["Bash", "bash", "run_shell_command", "exec_command", "shell_command", "shell", "local_shell"],
} as const;

/** What the tools call it. */
const arguments_ = {
  path: ["file_path", "filePath", "path", "absolute_path"],
  content: ["content", "file_text", "contents"],
  command: ["command", "cmd"],
  /** Some show it in place of the command. */
  description: ["description"],
} as const;

type ObjectCall = ToolCall & { readonly input: object };

type Argument = keyof typeof arguments_;

/** @returns the call, or null where the agent has no tool for the step. */
export function toolCall(step: ToolStep, tools: readonly DeclaredTool[], workplace: Workplace): ToolCall | null {
  const { folder } = workplace;
  const coded = codeCall(step, tools, workplace);
  if (coded !== null) return coded;
  if ("plan" in step) return planCall(step.plan, tools);
  if ("run" in step) return runCall(step.run, tools, workplace);
  if ("read" in step) {
    const tool = find(tools, names.read);
    const path = absolute(step.read.path, folder);
    return tool === null
      ? runCall(`cat -- ${quoted(path)}`, tools, { folder, isReadOnly: false })
      : call(tool, { path });
  }
  const path = absolute(step.write.path, folder);
  const tool = find(tools, names.write);
  if (tool !== null) return call(tool, { path, content: step.write.content });
  const patching = find(tools, ["apply_patch"]);
  if (patching === null) return runCall(writingCommand(path, step.write.content), tools, workplace);
  const patch = patchAdding(step.write.path, step.write.content);
  return { name: patching.name, input: patching.parameters === null ? patch : { input: patch } };
}

/** @returns whether the agent can do such a thing at all. */
export function hasToolFor(kind: keyof typeof names, tools: readonly DeclaredTool[]): boolean {
  return find(tools, [...names[kind], "exec", "apply_patch"]) !== null;
}

function find(tools: readonly DeclaredTool[], wanted: readonly string[]): DeclaredTool | null {
  return wanted.map((name) => tools.find((tool) => tool.name === name)).find((tool) => tool !== undefined) ?? null;
}

function absolute(path: string, folder: string | null): string {
  return path.startsWith("/") || folder === null ? path : join(folder, path);
}

function runCall(command: string, tools: readonly DeclaredTool[], { isReadOnly }: Workplace): ToolCall | null {
  const tool = find(tools, names.run);
  if (tool === null) return null;
  const { name, input } = call(tool, { command, description: command });
  const canEscalate = tool.parameters?.properties?.["sandbox_permissions"] !== undefined;
  return { name, input: isReadOnly && canEscalate ? { ...input, ...escalation } : input };
}

/** @returns the call, with the smallest value for whatever else the tool insists on. */
function call(tool: DeclaredTool, given: Partial<Record<Argument, string>>): ObjectCall {
  const { properties = {}, required = [] } = tool.parameters ?? {};
  const input = smallestObject(tool.parameters ?? {});
  for (const [argument, value] of Object.entries(given)) {
    const name = nameOf(argument, properties);
    const isWanted = argument !== "description" || required.includes("description");
    if (name !== undefined && isWanted)
      input[name] = typeOf(properties[name] ?? {}) === "array" ? ["bash", "-lc", value] : value;
  }
  return { name: tool.name, input };
}

function nameOf(argument: string, properties: Readonly<Record<string, JsonSchema>>): string | undefined {
  const known: Readonly<Record<string, readonly string[]>> = arguments_;
  return known[argument]?.find((name) => name in properties);
}
