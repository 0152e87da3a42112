/** What a command's exit code says: 0 completed, 1 failed, 2 bad usage, 130 cancelled or left running. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { allVerdictsHold } from "@sam/domain/verdicts";
import { describe, expect, it } from "vitest";

import { expectExit, untilEnded } from "../support/ends.ts";
import { taskOf } from "../support/run-result.ts";
import { type Finisher, sam, startSam } from "../support/sam-command.ts";
import { shareSystem } from "../support/shared-system.ts";
import { System } from "../support/system.ts";

const system = shareSystem({ settings: { tasksPerNode: 8, maxNodes: 1 } });
const block = (script: string) => `Do it.\n\n\`\`\`sh\n${script}\n\`\`\`\n`;

async function run(test: Finisher, name: string, script: string, ...args: readonly string[]) {
  const { dataDirectory } = system();
  const repository = await system().repository(name);
  const words = ["run", "--repo", repository.path, ...args, block(script)];
  return { repository, ended: await sam(test, words, { dataDirectory }) };
}

/** A task in mid-turn, watched by `sam run`, that goes on once the gate is open. */
async function runHeld(test: Finisher, gate: string) {
  const { dataDirectory, stage } = system();
  stage.shut(gate);
  const repository = await system().repository(gate);
  const script = `trap 'exit 143' TERM; ${stage.wait(gate)}; echo done > done.txt`;
  const command = startSam(test, ["run", "--json", "--repo", repository.path, block(script)], { dataDirectory });
  const taskId = await system().until("it is submitted", () => taskIdIn(command.stdout));
  await system().untilStep(taskId, "running");
  return { command, taskId, repository };
}

function taskIdIn(text: string): string | undefined {
  return /task_[0-9A-Z]{26}/.exec(text)?.[0];
}

const commands = [
  ["start", "up", "down", "open"],
  ["run", "tasks", "task", "cancel", "answer", "say", "interrupt", "deliver"],
  ["agents", "agent", "secrets", "projects", "project", "nodes", "doctor", "break"],
].flat();
const below = [
  "agent set",
  "agent check",
  "secrets set",
  "secrets list",
  "secrets delete",
  "secrets rotate",
  "project set",
];

describe.concurrent("help", () => {
  it("names every command", async (test) => {
    const { stdout, exitCode } = await sam(test, ["--help"], system());
    expect(exitCode).toBe(0);
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command} `, "m"));
  });

  it.for(["", ...commands, ...below])("of %s lists the exit codes", async (command, test) => {
    const ended = await sam(test, [...command.split(" ").filter((word) => word !== ""), "--help"], system());
    expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
    for (const code of ["0    completed", "1    failed", "2    bad usage", "130  cancelled"]) {
      expect(ended.stdout).toContain(`  ${code}`);
    }
  });
});

describe.concurrent("2: bad usage", () => {
  it.for([
    ["no command"],
    ["an unknown command", "frob"],
    ["an unknown option", "tasks", "--frob"],
    ["no repository", "run", "Do it."],
    ["no prompt", "run", "--repo", "/srv/x.git"],
    ["a prompt and a file", "run", "--repo", "/srv/x.git", "--file", "plan.md", "Do it."],
    ["a file that is not there", "run", "--repo", "/srv/x.git", "--file", "/nowhere/plan.md"],
    ["a number that is none", "tasks", "--limit", "many"],
    ["a step that there is not", "tasks", "--step", "sleeping"],
    ["a port that there is not", "up", "--port", "70000"],
    ["half an id", "task", "ab"],
    ["no id", "cancel"],
    ["a policy that there is not", "run", "--repo", "/srv/x.git", "--policy", "all", "Do it."],
    ["a mode that there is not", "run", "--repo", "/srv/x.git", "--mode", "chat", "Do it."],
    ["a diff and a watch at once", "task", "01J8ABC", "--diff", "--watch"],
    ["a group without a command", "secrets"],
  ])("%s", async ([, ...args], test) => {
    const ended = await sam(test, args, system());
    expectExit(ended, 2);
    expect(ended.stdout).toBe("");
    expect(ended.stderr).not.toBe("");
    expect(ended.stderr).not.toMatch(/\n\s+at /);
  });
});

describe.concurrent("2: a data directory", () => {
  it("without a path", async (test) => {
    const ended = await sam(test, ["nodes"], { dataDirectory: "" });
    expect(ended).toMatchObject({ exitCode: 2, stdout: "", stderr: expect.stringContaining("path is empty") });
  });
});

describe.concurrent("of sam run", () => {
  it("0: completed, with every verdict", async (test) => {
    const { ended, repository } = await run(test, "good", "echo said > said.txt", "--check", "test -s said.txt");
    expectExit(ended, 0);
    for (const verdict of ["ended", "produced", "checked", "pushed"]) {
      expect(ended.stdout).toMatch(new RegExp(`^✓ ${verdict} `, "m"));
    }
    expect(ended.stdout).toContain("all four verdicts hold");
    const [branch = ""] = await repository.branches();
    expect(ended.stdout).toContain(`git fetch ${repository.path} ${branch}`);
  });

  it("0: completed, and in amber, where nothing was produced", async (test) => {
    const { ended, repository } = await run(test, "idle", "true", "--check", "true");
    expectExit(ended, 0);
    expect(ended.stdout).toContain("not all verdicts hold");
    expect(ended.stdout).toMatch(/^▲ produced +nothing: no commit and no change/m);
    expect(ended.stdout).not.toContain("✓ pushed");
    expect(await repository.branches()).toEqual([]);
    const row = (await system().api.tasks()).tasks.find(({ repositoryUrl }) => repositoryUrl === repository.path);
    expect(row).toMatchObject({ step: "completed", colour: "amber" });
  });

  it("1: failed, where a block fails; what it had done is delivered", async (test) => {
    const { ended, repository } = await run(test, "block", "echo half > half.txt; exit 3");
    expectExit(ended, 1);
    expect(ended.stdout).toContain("exited with 3");
    const [branch = ""] = await repository.branches();
    expect(await repository.read(branch, "half.txt")).toBe("half");
  });

  it("1: failed, where the check fails; the branch is there to be looked at", async (test) => {
    const { ended, repository } = await run(test, "check", "echo x > x.txt", "--check", "echo not so; exit 4");
    expectExit(ended, 1);
    expect(ended.stdout).toMatch(/✗ checked .*exit code 4/);
    expect(ended.stdout).toContain("not so");
    expect(await repository.branches()).toHaveLength(1);
  });

  it("130: cancelled by somebody else, whose own command ends with 0; sam task says the same later", async (test) => {
    const { command, taskId } = await runHeld(test, "cancelled");
    const cancelled = await sam(test, ["cancel", taskId], system());
    expectExit(cancelled, 0);
    expect(cancelled.stdout).toMatch(/signal sent[^]*processes gone[^]*work saved[^]*machine released/);
    const ended = await command.end();
    expectExit(ended, 130);
    expect(taskOf(ended).step).toBe("cancelled");
    expectExit(await sam(test, ["task", taskId], system()), 130);
    expectExit(await sam(test, ["task", taskId, "--watch"], system()), 130);
    expectExit(await sam(test, ["cancel", taskId], system()), 0);
  });

  it.for(["SIGINT", "SIGTERM"] as const)(
    "130: left running at a %s; the task goes on to its end",
    async (name, test) => {
      const { command, taskId, repository } = await runHeld(test, `left-${name}`);
      command.signal(name);
      const ended = await command.end();
      expectExit(ended, 130);
      expect(command.printed().at(-1)).toEqual({ type: "left_running", taskId, exitCode: 130 });
      expectExit(await sam(test, ["task", taskId], system()), 0);
      system().stage.open(`left-${name}`);
      const { branch } = await untilEnded(system(), taskId, { step: "completed" });
      expect(await repository.read(branch, "done.txt")).toBe("done");
      expectExit(await sam(test, ["cancel", taskId], system()), 1);
    },
  );
});

describe.concurrent("where SAM isn't running", () => {
  it.for([
    ...["tasks", "nodes", "agents", "projects", "secrets list", "secrets rotate", "open", "agent check codex"],
    ...["task", "cancel", "interrupt", "deliver", "answer"].map((name) => `${name} task_01J8ABCDEFGHJKMNPQRSTVWXYZ`),
    "secrets set OPENAI_API_KEY",
    "say task_01J8ABCDEFGHJKMNPQRSTVWXYZ more",
  ])("1: sam %s says so, and how to start it", async (line, test) => {
    const ended = await sam(test, line.split(" "), { dataDirectory: join(system().folder, "nobody") });
    expect(ended).toMatchObject({ exitCode: 1, stdout: "", stderr: expect.stringContaining("sam up") });
    expect(existsSync(join(system().folder, "nobody"))).toBe(false);
  });

  it("0: sam down has nothing to do", async (test) => {
    const ended = await sam(test, ["down"], { dataDirectory: join(system().folder, "nobody") });
    expect(ended).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("nothing to stop") });
  });

  it("0: sam run starts it for the task, and stops it afterwards", async (test) => {
    const idle = await System.prepare(test);
    const repository = await idle.repository();
    const { dataDirectory } = idle;
    const words = ["run", "--json", "--repo", repository.path, block("echo said > said.txt")];
    const ended = await sam(test, words, { dataDirectory });
    expectExit(ended, 0);
    const task = taskOf(ended);
    expect(allVerdictsHold(task.verdicts)).toBe(true);
    expect(await repository.read(task.branch, "said.txt")).toBe("said");
    expect(existsSync(join(dataDirectory, "run.json"))).toBe(false);
    await idle.untilNothingRemains();
    expect(readFileSync(join(dataDirectory, "logs/sam.log"), "utf8")).toContain("stopping");
  });

  it("1: sam run stops it after a task that failed, too; 2: it never starts it for bad usage", async (test) => {
    const idle = await System.prepare(test);
    const { dataDirectory, folder } = idle;
    const ended = await sam(test, ["run", "--json", "--repo", join(folder, "nowhere.git"), "Do it."], {
      dataDirectory,
    });
    expectExit(ended, 1);
    expect(taskOf(ended).failure?.reason).toBe("repository_not_found");
    await idle.untilNothingRemains();
    const log = readFileSync(join(dataDirectory, "logs/sam.log"), "utf8");
    expectExit(await sam(test, ["run", "--repo", "", "Do it."], { dataDirectory }), 2);
    expect(readFileSync(join(dataDirectory, "logs/sam.log"), "utf8")).toBe(log);
  });
});
