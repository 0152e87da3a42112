/** Agents and projects from the command line: what they are set to, what they lack, and one real turn that proves one. */
import { join } from "node:path";

import { agentViewSchema } from "@sam/protocol/agent-api";
import { projectViewSchema } from "@sam/protocol/project-api";
import { describe, expect, it } from "vitest";
import { z } from "zod";

import { expectExit } from "../support/ends.ts";
import { parseJsonLines } from "../support/json-lines.ts";
import { taskOf } from "../support/run-result.ts";
import { type Finisher, sam } from "../support/sam-command.ts";
import { shareSystem } from "../support/shared-system.ts";
import { addStandIn } from "./talking-agent.ts";

const system = shareSystem({ settings: { tasksPerNode: 8, maxNodes: 1 }, prepare: addStandIn });

async function document(test: Finisher, ...args: readonly string[]): Promise<Record<string, unknown>> {
  const ended = await sam(test, [...args, "--json"], system());
  expectExit(ended, 0);
  const [only = {}, ...others] = parseJsonLines(ended.stdout);
  expect(others).toEqual([]);
  return only;
}

describe.concurrent("sam agents", () => {
  it("lists SAM's own, the catalog's and this installation's, and whether each is installed", async (test) => {
    const { agents } = z
      .object({ agents: z.array(agentViewSchema.extend({ installation: z.string().nullable() })) })
      .parse(await document(test, "agents"));
    const ids = ["runbook", "claude-code", "codex", "opencode", "gemini", "qwen", "copilot", "stand-in"];
    expect(agents.map(({ agentId }) => agentId)).toEqual(expect.arrayContaining(ids));
    expect(agents.find(({ agentId }) => agentId === "codex")?.installation).toBe("absent");
    const { stdout } = await sam(test, ["agents"], system());
    expect(stdout).toMatch(
      /▲ gemini +Gemini CLI [\d.]+, installed at its first use \(about \d+ MB\)\n +key +GEMINI_API_KEY is not set\n/,
    );
    expect(stdout).toContain("lacks     Its model has no key. Set one: sam secrets set GEMINI_API_KEY.");
  });
});

describe.concurrent("sam agent set", () => {
  it("sets the model and the base URL for all projects, and for one, and takes them away", async (test) => {
    const repository = await system().repository("set");
    expectExit(await sam(test, ["project", "set", repository.path, "--name", "Set"], system()), 0);
    await document(test, "agent", "set", "qwen", "--model", "mine", "--base-url", "http://127.0.0.1:9/v1");
    await document(test, "agent", "set", "qwen", "--project", repository.path, "--model", "its-own");
    const general = await sam(test, ["agents"], system());
    expect(general.stdout).toContain("mine (set by you); its-own for proj_");
    const own = await sam(test, ["agents", "--project", repository.path], system());
    expect(own.stdout).toContain("its-own (set for this project)");
    const unset = await sam(test, ["agent", "set", "qwen", "--unset", "model", "base-url"], system());
    expectExit(unset, 0);
    expect(unset.stdout).toContain("qwen3-coder-plus (default)");
  });

  it.for([
    ["nothing to set", 2, ["codex"], "Say what to set"],
    ["a URL that is none", 2, ["codex", "--base-url", "gateway"], "--base-url must be"],
    ["a password in the URL", 2, ["codex", "--base-url", "https://me:pw@gw.example"], "--base-url holds a password"],
    ["both", 2, ["codex", "--model", "x", "--unset", "model"], "not both"],
    ["an agent that there is not", 1, ["nobody", "--model", "x"], "There is no agent nobody"],
    ["a project that there is not", 1, ["codex", "--model", "x", "--project", "/nowhere"], "There is no project"],
  ] as const)("refuses %s, with %i", async ([, exitCode, args, words], test) => {
    const ended = await sam(test, ["agent", "set", ...args], system());
    expectExit(ended, exitCode);
    expect(ended.stderr).toContain(words);
  });
});

describe.concurrent("sam agent check", () => {
  it("proves an agent by one real turn on the sample, line by line, and exits with 0", async (test) => {
    const checked = await sam(test, ["agent", "check", "runbook"], system());
    expectExit(checked, 0);
    expect(checked.stdout).toMatch(
      /✓ machine +ready\n✓ checkout +done\n✓ session +opened after .*\n✓ turn +ended: end_turn\n/,
    );
    expect(checked.stdout).toContain("Runbook works.");
    const json = await document(test, "agent", "check", "runbook");
    expect(json).toMatchObject({ agentId: "runbook", ok: true, task: { step: "completed" } });
  });

  it("says which part does not work, and what to do, and exits with 1", async (test) => {
    const nowhere = join(system().folder, "nowhere.git");
    const unreachable = await sam(test, ["agent", "check", "runbook", "--repo", nowhere], system());
    expectExit(unreachable, 1);
    expect(unreachable.stdout).toMatch(/✓ machine +ready\n✗ checkout +repository_not_found: [^]*Check the path or URL/);
    expect(unreachable.stdout).toContain("Runbook does not work yet.");
    const none = await sam(test, ["agent", "check", "nobody"], system());
    expectExit(none, 1);
    expect(none.stderr).toContain("There is no agent nobody. There are: runbook, claude-code");
  });
});

describe.concurrent("sam project set", () => {
  it("gives a repository a project, and its tasks what they leave out", async (test) => {
    const repository = await system().repository("with-defaults");
    const words = [
      "--agent",
      "stand-in",
      "--check",
      "test -s one.txt",
      "--policy",
      "allow_reads",
      "--name",
      "Defaults",
    ];
    const { project } = z
      .object({ project: projectViewSchema })
      .parse(await document(test, "project", "set", repository.path, ...words));
    expect(project).toMatchObject({
      name: "Defaults",
      defaults: { agentId: "stand-in", permissionPolicy: "allow_reads" },
    });
    const list = await sam(test, ["projects"], system());
    expect(list.stdout).toContain("policy  allow_reads: allow reading inside the workspace, ask about the rest");

    const run = ["run", "--json", "--repo", repository.path, "write one.txt one"];
    const task = taskOf(await sam(test, run, system()));
    expect(task).toMatchObject({
      projectId: project.projectId,
      agentId: "stand-in",
      permissionPolicy: "allow_reads",
      verdicts: { checked: { outcome: "passed", command: "test -s one.txt" } },
    });
    const unchecked = taskOf(await sam(test, [...run, "--no-check"], system()));
    expect(unchecked.verdicts.checked?.outcome).toBe("not_configured");
    const changed = await sam(test, ["project", "set", project.projectId, "--no-check"], system());
    expect(changed.stdout).toContain("check   none");
  });

  it.for([
    ["nothing to set", 2, ["proj_01J8ABCDEFGHJKMNPQRSTVWXYZ"], "Say what to set"],
    ["a path where nothing is", 2, ["/nowhere/at/all", "--policy", "ask"], "There is nothing at"],
    ["an empty check", 2, ["/tmp", "--check", ""], "--check is empty"],
    ["a project that there is not", 1, ["proj_01J8ABCDEFGHJKMNPQRSTVWXYZ", "--policy", "ask"], ""],
  ] as const)("refuses %s, with %i", async ([, exitCode, args, words], test) => {
    const ended = await sam(test, ["project", "set", ...args], system());
    expectExit(ended, exitCode);
    expect(ended.stderr).toContain(words);
  });
});
