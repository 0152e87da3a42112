import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { catalogAgentIds } from "@sam/domain/agent-catalog";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { sam } from "../../test/support/sam-process.ts";
import { type DataDirectory, locateDataDirectory, openDataDirectory } from "../data-directory/data-directory.ts";
import { checkAgents } from "./agent-checks.ts";
import { checkAgent, checkCatalog, checkNpm } from "./catalog-checks.ts";
import type { Check } from "./check.ts";
import { checkLines } from "./doctor-command.ts";
import { checkNode } from "./machine-checks.ts";

let directory: DataDirectory;
beforeEach(() => {
  directory = openDataDirectory(locateDataDirectory(mkdtempSync(join(tmpdir(), "sam-doctor-test-")), {}));
});
afterEach(() => rmSync(directory.path, { recursive: true, force: true }));

const screen = { paint: (_: string, text: string) => text, width: () => 60 };

describe("what is missing", () => {
  it("is said with what it gives and how to get it, within the width", () => {
    const check: Check = {
      name: "git",
      state: "missing",
      essential: true,
      finding: "not found on the PATH",
      gives: "clones, branches, commits, pushes, and the proof of each",
      remedy: "Install it: apt-get install git (or your system's package)",
    };
    const lines = checkLines(check, screen);
    expect(lines[0]).toBe("✗ git          not found on the PATH");
    expect(lines.join(" ")).toContain("More: Install it:");
    expect(lines.every((line) => line.length < 60)).toBe(true);
  });

  it("is a Node that is too old", () => {
    expect(checkNode("20.20.2")).toMatchObject({ state: "missing", essential: true });
    expect(checkNode("24.0.0")).toMatchObject({ state: "ok", remedy: null });
  });

  it("is an agent of this installation whose program is not there", () => {
    const agents = { here: { command: ["sh"] }, gone: { command: ["/nonexistent/agent", "--acp"] } };
    writeFileSync(directory.agents, JSON.stringify(agents));
    const states = checkAgents(directory, { PATH: "/usr/bin:/bin" }).map(({ name, state }) => [name, state]);
    expect(states.slice(1)).toEqual([
      ["here", "ok"],
      ["gone", "missing"],
    ]);
    writeFileSync(directory.agents, "{");
    expect(checkAgents(directory).at(-1)).toMatchObject({ state: "missing", essential: true });
  });
});

describe("an agent of the catalog", () => {
  const agent = { agentId: "codex", version: "2.6.0", megabytes: 475 };

  it("is installed, or will be at its first use, or needs npm for that", () => {
    expect(checkAgent({ ...agent, condition: "whole" }, false)).toMatchObject({
      ...{ name: "codex", state: "ok", essential: false, finding: "installed, version 2.6.0", remedy: null },
    });
    expect(checkAgent({ ...agent, condition: "absent" }, true)).toMatchObject({
      ...{ state: "ok", finding: "version 2.6.0 is installed at first use (about 475 MB)", remedy: null },
    });
    expect(checkAgent({ ...agent, condition: "absent" }, false)).toMatchObject({ state: "limited" });
    expect(checkAgent({ ...agent, condition: "damaged" }, true).finding).toMatch(/missing.*next use/);
    expect(checkNpm(null)).toMatchObject({ name: "npm", state: "limited", essential: false });
    expect(checkNpm("11.0.0")).toMatchObject({ state: "ok", remedy: null });
  });

  it("is listed as it lies in the folder for agents, unless this installation has its own of that name", async () => {
    const checks = await checkCatalog(directory, ["gemini"]);
    expect(checks.map(({ name }) => name)).toEqual(
      ["npm", ...catalogAgentIds.toSorted()].filter((id) => id !== "gemini"),
    );
    expect(checks.find(({ name }) => name === "codex")?.finding).toMatch(/is installed at first use \(about \d+ MB\)/);
  });
});

describe("sam doctor", () => {
  it("looks at this machine without starting anything", async () => {
    const { code, stdout } = await sam(["doctor", "--json", "--data-dir", directory.path], process.env);
    const { checks } = JSON.parse(stdout) as { checks: Check[] };
    const names = checks.map(({ name }) => name);
    for (const name of [
      "node",
      "git",
      "bubblewrap",
      "cgroups",
      "setpriv",
      "disk",
      "memory",
      "port",
      "runbook",
      "npm",
      "codex",
      "system",
    ]) {
      expect(names).toContain(name);
    }
    expect(checks.find(({ name }) => name === "system")).toMatchObject({ state: "ok", finding: "not running" });
    expect(code).toBe(0);
  });
});
