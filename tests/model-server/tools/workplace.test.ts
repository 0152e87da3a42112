import { describe, expect, it } from "vitest";

import type { Conversation } from "../script/conversation.ts";
import { workplaceOf } from "./workplace.ts";

function told(system: string, ...texts: readonly string[]): Conversation {
  const turns = texts.map((text) => ({ kind: "user" as const, text }));
  return { model: "m", isStreamed: true, system, turns, tools: [], mustCall: false, answerSchema: null };
}

describe("the workplace", () => {
  it.each([
    ["Claude Code", told(" - Primary working directory: /repo/a b\n - Is a git repository: true")],
    ["OpenCode", told("<env>\n  Working directory: /repo/a b\n  Workspace root folder: /\n</env>")],
    ["Copilot", told("* Current working directory: /repo/a b\n")],
    ["Gemini", told("", "- **Workspace Directories:**\n  - /repo/a b\n- **Directory Structure:**")],
    ["Qwen Code", told("", "I'm currently working in the directory: /repo/a b\nHere is the folder")],
    ["Codex", told("", "<environment_context>\n  <cwd>/repo/a b</cwd>\n</environment_context>")],
  ])("is read from what %s says", (_agent, conversation) => {
    expect(workplaceOf(conversation)).toEqual({ folder: "/repo/a b", isReadOnly: false });
  });

  it("is unknown where nobody says it", () => {
    expect(workplaceOf(told("You are an agent.", "Hello."))).toEqual({ folder: null, isReadOnly: false });
  });

  it("may only be read where Codex says so last", () => {
    const rights = (entry: string): string =>
      `<permission_profile type="managed"><file_system type="restricted"><entry access="read"/>${entry}</file_system>`;
    const writable = rights('<entry access="write"><path>/repo</path></entry>');
    expect(workplaceOf(told("", writable, rights("")))).toMatchObject({ isReadOnly: true });
    expect(workplaceOf(told("", rights(""), writable))).toMatchObject({ isReadOnly: false });
  });
});
