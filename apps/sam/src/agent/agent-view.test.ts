import { makeId } from "@sam/domain/ids";
import { describe, expect, it } from "vitest";

import { someAgent } from "../../test/support/some-agent.ts";
import { agentLines } from "./agent-view.ts";

const screen = { paint: (_: string, text: string) => text, width: () => 80 };
const own = makeId("proj", "01J0000000000000000000000A");
const other = makeId("proj", "01J0000000000000000000000B");

function fact(name: string, lines: readonly string[]): string {
  return lines.find((line) => line.trim().startsWith(name))?.trim() ?? "";
}

describe("an agent", () => {
  it("says whether it is installed and its key is set, and what is in force by default", () => {
    const lines = agentLines(someAgent({ keyIsSet: false }), { condition: "absent", megabytes: 290 }, null, screen);
    expect(lines[0]).toBe("  codex        Codex 2.6.0, installed at its first use (about 290 MB)");
    expect(fact("key", lines)).toBe("key       OPENAI_API_KEY is not set");
    expect(fact("model", lines)).toBe("model     its own choice");
    expect(fact("base URL", lines)).toBe("base URL  https://api.openai.com/v1 (default)");
  });

  it("is set by its project before its owner; what is set for another project is named, not in force", () => {
    const settings = [
      { projectId: null, model: "mine", baseUrl: "https://gw.example/v1", updatedAt: 0 },
      { projectId: own, model: "the-projects", baseUrl: null, updatedAt: 0 },
      { projectId: other, model: "the-others", baseUrl: null, updatedAt: 0 },
    ];
    const agent = someAgent({ settings });
    expect(fact("model", agentLines(agent, null, own, screen))).toMatch(
      /^model +the-projects \(set for this project\)/,
    );
    expect(fact("base URL", agentLines(agent, null, own, screen))).toContain("https://gw.example/v1 (set by you)");
    const general = agentLines(agent, null, null, screen).join(" ").replaceAll(/\s+/g, " ");
    expect(general).toContain(`mine (set by you); the-projects for ${own}; the-others for ${other}`);
  });

  it("stands out where something is lacking, and says what to do", () => {
    const lines = agentLines(
      someAgent({ lacks: "Its model has no key. Set one: sam secrets set X." }),
      { condition: "whole", megabytes: 290 },
      null,
      screen,
    );
    expect(lines[0]).toMatch(/^▲ codex/);
    expect(fact("lacks", lines)).toContain("sam secrets set X");
    expect(lines.every((line) => line.length < 80)).toBe(true);
  });

  it("shows nothing that a terminal would act on, wherever it came from", () => {
    const agent = someAgent({ name: "Co\u001b[2Jdex", limits: ["none\r✓ installed"] });
    const text = agentLines(agent, null, null, screen).join("\n");
    expect(text).not.toMatch(/[\u001b\r]/);
  });
});
