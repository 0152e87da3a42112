/** Each agent's tools, as they were declared in its requests. */
import { describe, expect, it } from "vitest";

import type { DeclaredTool } from "../script/conversation.ts";
import type { ToolStep } from "../script/script.ts";
import type { JsonSchema } from "./json-schema.ts";
import { toolCall } from "./tool-call.ts";

const text: JsonSchema = { type: "string" };

function tool(name: string, required: readonly string[], more: Readonly<Record<string, JsonSchema>> = {}) {
  const properties = { ...Object.fromEntries(required.map((argument) => [argument, text])), ...more };
  return { name, description: "", parameters: { type: "object", properties, required } };
}

const todos: JsonSchema = {
  type: "array",
  items: {
    properties: { content: text, status: { type: "string", enum: ["pending", "in_progress", "completed"] } },
    required: ["content", "status"],
  },
};

const agents: Readonly<Record<string, readonly DeclaredTool[]>> = {
  "Claude Code": [tool("Bash", ["command"]), tool("Read", ["file_path"]), tool("Write", ["file_path", "content"])],
  OpenCode: [
    tool("bash", ["command", "description"]),
    tool("read", ["filePath"]),
    tool("write", ["content", "filePath"]),
    tool("todowrite", ["todos"], { todos }),
  ],
  Qwen: [
    tool("run_shell_command", ["command", "is_background"], { is_background: { type: "boolean" } }),
    tool("read_file", ["file_path"]),
    tool("write_file", ["file_path", "content"]),
  ],
  Copilot: [tool("bash", ["command", "description"]), tool("view", ["path"]), tool("create", ["path", "file_text"])],
  "Codex, an unlisted model": [tool("exec_command", ["cmd"], { sandbox_permissions: text })],
  "Codex, patching": [
    tool("shell", ["command"], { command: { type: "array" } }),
    { ...tool("apply_patch", []), parameters: null },
  ],
  "Codex in code mode": [
    { name: "exec", description: "### `apply_patch`\nEdits.\n### `exec_command`\nRuns.", parameters: null },
  ],
};

const workplace = { folder: "/home/x", isReadOnly: false };

function callOf(agent: string, step: ToolStep, place = workplace): unknown {
  return toolCall(step, agents[agent] ?? [], place);
}

const patch = "*** Begin Patch\n*** Add File: a/b.txt\n+one\n+two\n*** End Patch\n";

describe("a call of an agent's tool", () => {
  it.each([
    ["Claude Code", { name: "Write", input: { file_path: "/home/x/a/b.txt", content: "one\ntwo\n" } }],
    ["OpenCode", { name: "write", input: { filePath: "/home/x/a/b.txt", content: "one\ntwo\n" } }],
    ["Qwen", { name: "write_file", input: { file_path: "/home/x/a/b.txt", content: "one\ntwo\n" } }],
    ["Copilot", { name: "create", input: { path: "/home/x/a/b.txt", file_text: "one\ntwo\n" } }],
    ["Codex, an unlisted model", { name: "exec_command", input: { cmd: expect.stringContaining("b25lCnR3bwo=") } }],
    ["Codex, patching", { name: "apply_patch", input: patch }],
    ["Codex in code mode", { name: "exec", input: `text(await tools.apply_patch(${JSON.stringify(patch)}));\n` }],
  ])("writes a file: %s", (agent, expected) => {
    expect(callOf(agent, { write: { path: "a/b.txt", content: "one\ntwo\n" } })).toEqual(expected);
  });

  it.each([
    ["Claude Code", { name: "Bash", input: { command: "ls" } }],
    ["OpenCode", { name: "bash", input: { command: "ls", description: "ls" } }],
    ["Qwen", { name: "run_shell_command", input: { command: "ls", is_background: false } }],
    ["Codex, an unlisted model", { name: "exec_command", input: { cmd: "ls" } }],
    ["Codex, patching", { name: "shell", input: { command: ["bash", "-lc", "ls"] } }],
    ["Codex in code mode", { name: "exec", input: 'text(await tools.exec_command({"cmd":"ls"}));\n' }],
  ])("runs a command: %s", (agent, expected) => {
    expect(callOf(agent, { run: "ls" })).toEqual(expected);
  });

  it.each([
    ["Claude Code", { name: "Read", input: { file_path: "/etc/hosts" } }],
    ["Copilot", { name: "view", input: { path: "/etc/hosts" } }],
    ["Codex, an unlisted model", { name: "exec_command", input: { cmd: "cat -- '/etc/hosts'" } }],
  ])("reads a file: %s", (agent, expected) => {
    expect(callOf(agent, { read: { path: "/etc/hosts" } })).toEqual(expected);
  });

  it("asks first where Codex may only read", () => {
    const asked = { sandbox_permissions: "require_escalated", justification: expect.any(String) };
    const readOnly = { ...workplace, isReadOnly: true };
    expect(callOf("Codex, an unlisted model", { run: "ls" }, readOnly)).toMatchObject({
      input: { cmd: "ls", ...asked },
    });
    expect(callOf("Codex in code mode", { run: "ls" }, readOnly)).toMatchObject({
      input: expect.stringContaining("require_escalated"),
    });
  });

  it("keeps a plan where the agent has a list", () => {
    expect(callOf("OpenCode", { plan: ["a", "b"] })).toEqual({
      name: "todowrite",
      input: {
        todos: [
          { content: "a", status: "in_progress" },
          { content: "b", status: "pending" },
        ],
      },
    });
    expect(callOf("Claude Code", { plan: ["a"] })).toBeNull();
    expect(callOf("Codex in code mode", { plan: ["a"] })).toBeNull();
  });
});
