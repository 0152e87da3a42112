/**
 * A code call carries out a step in Codex's code mode, which its newer models are driven in: one tool takes JavaScript, and
 * that calls the tools that its description lists.
 */
import type { ToolCall } from "../script/answer.ts";
import type { DeclaredTool } from "../script/conversation.ts";
import type { ToolStep } from "../script/script.ts";
import { patchAdding } from "./patch.ts";
import { escalation, quoted } from "./shell.ts";
import type { Workplace } from "./workplace.ts";

/** @returns the call, or null where there is no such tool or it doesn't know how to do that. */
export function codeCall(step: ToolStep, tools: readonly DeclaredTool[], workplace: Workplace): ToolCall | null {
  const exec = tools.find(({ name, parameters }) => name === "exec" && parameters === null);
  if (exec === undefined) return null;
  const [nested, input] = nestedCall(step, workplace);
  if (!exec.description.includes(`### \`${nested}\``)) return null;
  return { name: exec.name, input: `text(await tools.${nested}(${JSON.stringify(input)}));\n` };
}

function nestedCall(step: ToolStep, { isReadOnly }: Workplace): readonly [string, unknown] {
  if ("run" in step) return ["exec_command", { cmd: step.run, ...(isReadOnly ? escalation : {}) }];
  if ("read" in step) return ["exec_command", { cmd: `cat -- ${quoted(step.read.path)}` }];
  if ("write" in step) return ["apply_patch", patchAdding(step.write.path, step.write.content)];
  const plan = step.plan.map((entry, index) => ({ step: entry, status: index === 0 ? "in_progress" : "pending" }));
  return ["update_plan", { plan }];
}
