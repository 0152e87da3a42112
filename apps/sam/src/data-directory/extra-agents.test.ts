import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, it } from "vitest";

import { UsageError } from "../exit-code.ts";
import { type DataDirectory, locateDataDirectory } from "./data-directory.ts";
import { loadExtraAgents } from "./extra-agents.ts";

let directory: DataDirectory;

beforeEach(() => {
  directory = locateDataDirectory(mkdtempSync(join(tmpdir(), "sam-agents-")));
});

afterEach(() => {
  rmSync(directory.path, { recursive: true });
});

function refusal(text: string): string {
  writeFileSync(directory.agents, text);
  try {
    loadExtraAgents(directory);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error("it was taken");
}

it("names the field that is amiss, and the file to put right", () => {
  expect(refusal('{"mine": {"command": []}}')).toContain("mine.command");
  expect(refusal('{"Mine!": {"command": ["x"]}}')).toContain("Mine!");
  expect(refusal('{"mine": {"command": ["x"], "evn": {}}}')).toContain("evn");
  expect(refusal("not JSON")).toContain(directory.agents);
});

it("reads each agent's command and environment", () => {
  writeFileSync(
    directory.agents,
    '{"mine": {"command": ["my-agent", "--acp"]}, "two": {"command": ["t"], "env": {"A": "1"}}}',
  );
  expect(loadExtraAgents(directory)).toEqual({
    mine: { command: ["my-agent", "--acp"], env: {} },
    two: { command: ["t"], env: { A: "1" } },
  });
});

it("adds none where there is no file", () => {
  expect(loadExtraAgents(directory)).toEqual({});
});
