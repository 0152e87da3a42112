/** The first minutes of a newcomer: `npm start` in a clean checkout, the first task, Ctrl-C, and the second start. */
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { allVerdictsHold } from "@sam/domain/verdicts";
import type { Message } from "@sam/protocol/message";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { ApiClient } from "../../apps/sam/src/client/api-client.ts";
import { locateSystem } from "../../apps/sam/src/client/endpoint.ts";
import { locateDataDirectory } from "../../apps/sam/src/data-directory/data-directory.ts";
import { Belongings } from "./support/belongings.ts";
import { CleanCheckout } from "./support/clean-checkout.ts";
import { readMessages } from "./support/conversation.ts";
import { expectExit } from "./support/ends.ts";
import { git, Repository } from "./support/repository.ts";
import { taskOf } from "./support/run-result.ts";
import { type Finisher, RunningCommand, sam, startSam } from "./support/sam-command.ts";
import { System } from "./support/system.ts";
import { until } from "./support/until.ts";

/** The file that a block of `heldPrompt` waits for, as seen from outside, once the node is there. */
function openGate(dataDirectory: string): void {
  const servers = join(dataDirectory, "machine-host/servers");
  for (const name of readdirSync(servers)) writeFileSync(join(servers, name, "disk/gate"), "");
}

const heldPrompt = `First one thing.

\`\`\`sh
echo first > first.txt
\`\`\`

Then another, once it may.

\`\`\`sh
until [ -e ../../gate ]; do sleep 0.05; done
echo second > second.txt
\`\`\`
`;

describe("in a clean checkout", () => {
  const ends: (() => Promise<void>)[] = [];
  const forAll: Finisher = { onTestFinished: (end) => void ends.push(end) };
  let checkout: CleanCheckout;
  let api: ApiClient;
  let belongings: Belongings;
  beforeAll(() => {
    checkout = new CleanCheckout(forAll);
    api = new ApiClient(locateSystem(locateDataDirectory(checkout.dataDirectory)));
    belongings = new Belongings(checkout.dataDirectory);
  });
  afterAll(async () => {
    for (const end of ends.toReversed()) await end();
  });

  const untilNothingRemains = () => until("nothing remains", () => belongings.remains().length === 0);

  it("npm start -- --once installs, builds, starts, and ends with 0 after a first task with four verdicts", async (test) => {
    const ended = await checkout.start(test, "start", ["--once"]).end();
    expectExit(ended, 0);
    expect(ended.stderr).toMatch(/Installing the packages[^]*Installed in[^]*Built vm-agent, .*sam, .*control, web/);
    expect(ended.stdout).toMatch(/SAM is ready on http:\/\/127\.0\.0\.1:\d+/);
    for (const step of [
      "node_selection",
      "node_provisioning",
      "workspace_ready",
      "agent_session",
      "running",
      "delivery",
    ]) {
      expect(ended.stdout).toMatch(new RegExp(`\\(${step} took \\d`));
    }
    for (const verdict of ["ended", "produced", "checked", "pushed"]) {
      expect(ended.stdout).toMatch(new RegExp(`^✓ ${verdict} +\\S`, "m"));
    }
    expect(ended.stdout).toContain("all four verdicts hold");
    expect(ended.stdout).toContain("nothing is left running");
    await untilNothingRemains();

    const sample = join(checkout.dataDirectory, "sample.git");
    expect(await git(sample, "rev-parse", "--is-bare-repository")).toBe("true");
    const branches = (await git(sample, "for-each-ref", "--format=%(refname:short)", "refs/heads/sam")).split("\n");
    expect(branches).toHaveLength(1);
    expect(await git(sample, "show", `${branches[0]}:greet.sh`)).toContain("Bonjour");
  });

  it("keeps what is private to this user", () => {
    const modeOf = (name: string) => statSync(join(checkout.dataDirectory, name)).mode & 0o777;
    for (const folder of ["", "state", "logs"]) expect(modeOf(folder)).toBe(0o700);
    for (const file of ["token", "installation.json", "logs/sam.log"]) expect(modeOf(file)).toBe(0o600);
  });

  it("a second npm start is ready at once, and neither installs, builds, migrates nor runs the first task again", async (test) => {
    const running = new RunningCommand(test, ["npm", "start"], { directory: checkout.directory });
    await running.untilPrinted("No task is running");
    expect(running.stdout).not.toContain("A first task");
    expect(`${running.stdout}${running.stderr}`).not.toMatch(/Install|Built/);
    const [, amount = "", unit = ""] = /SAM is ready on \S+ after ([\d.]+) (ms|s)\./.exec(running.stdout) ?? [];
    expect(Number(amount) * (unit === "s" ? 1000 : 1)).toBeLessThan(5_000);
    expect(
      readFileSync(join(checkout.dataDirectory, "logs/sam.log"), "utf8").match(/applied the migrations/g),
    ).toHaveLength(1);

    const once = await checkout.start(test, "start", ["--once", "--json"]).end();
    expectExit(once, 0);
    expect(allVerdictsHold(taskOf(once).verdicts)).toBe(true);
    expect((await api.tasks()).tasks).toHaveLength(2);

    // npm itself dies of Ctrl-C; what it runs ends in order.
    running.interrupt();
    expect((await running.end()).stdout).toContain("nothing is left running");
    await untilNothingRemains();
  });

  it("Ctrl-C in mid-turn keeps the task, and the next npm start goes on with it to its end", async (test) => {
    const repository = await Repository.create(join(checkout.directory, "../my project.git"));
    const before = checkout.start(test, "start", []);
    await before.untilPrinted("No task is running");
    const { taskId } = await api.submit({ prompt: heldPrompt, repository: { url: repository.path } });
    await until("the first block is done", async () => isDone(await readMessages(api, taskId), "first.txt"));
    before.interrupt();
    expectExit(await before.end(), 0);
    expect(before.stdout).toContain("tasks are kept and go on at the next start");
    await untilNothingRemains();

    const after = checkout.start(test, "start", []);
    await after.untilPrinted("Running: 1");
    await after.untilPrinted("First one thing.");
    openGate(checkout.dataDirectory);
    const task = await until("the task has ended", async () => {
      const now = await api.task(taskId);
      return now.final ? now : null;
    });
    expect(task).toMatchObject({ step: "completed", failure: null });
    expect(await repository.changed(task.branch)).toEqual(["first.txt", "second.txt"]);
    expect(repository.pushes(task.branch)).toBe(1);
    const messages = await readMessages(api, taskId);
    expect(messages.map(({ seq }) => seq)).toEqual(messages.map((_, index) => index + 1));
    after.interrupt();
    expectExit(await after.end(), 0);
    await untilNothingRemains();
  });
});

function isDone(messages: readonly Message[], file: string): boolean {
  return messages.some(({ body }) => {
    const text = JSON.stringify(body);
    return body.kind === "agent_update" && text.includes('"status":"completed"') && text.includes(file);
  });
}

/** Fails the second time that it should pass: when it is the check. */
const fickleTest = `runs=$(cat .git/runs 2>/dev/null || echo 0)
echo $((runs + 1)) >.git/runs
[ "$runs" = 1 ]
`;
const sample = {
  "greet.sh": "case x in\n  *)\nesac\n",
  "languages.txt": "en\n",
  "test.sh": "grep -q Bonjour greet.sh\n",
};

/** A sample that is not SAM's own; an earlier start has made that one. */
function replaceSample(dataDirectory: string, files: Readonly<Record<string, string>>): Promise<Repository> {
  const path = join(dataDirectory, "sample.git");
  rmSync(path, { recursive: true });
  return Repository.create(path, files);
}

const refusing = "#!/bin/sh\necho 'closed for today' >&2\nexit 1\n";

describe.concurrent("npm start -- --once ends with 1 where a verdict does not hold:", () => {
  it.for([
    { verdict: "ended", files: { ...sample, "test.sh": "true\n" }, hook: null, reason: "agent_reported_failure" },
    { verdict: "checked", files: { ...sample, "test.sh": fickleTest }, hook: null, reason: "check_failed" },
    { verdict: "pushed", files: sample, hook: refusing, reason: "push_rejected" },
  ])("$verdict", async ({ verdict, files, hook, reason }, test) => {
    const { dataDirectory } = await System.prepare(test);
    const repository = await replaceSample(dataDirectory, files);
    if (hook !== null) writeFileSync(join(repository.path, "hooks/pre-receive"), hook, { mode: 0o755 });
    const ended = await sam(test, ["start", "--once"], { dataDirectory });
    expectExit(ended, 1);
    expect(ended.stdout).toMatch(new RegExp(`^✗ ${verdict} `, "m"));
    expect(ended.stdout).toContain(`✗ Failed`);
    expect(ended.stdout).toContain(reason);
    await until("nothing remains", () => new Belongings(dataDirectory).remains().length === 0);
  });

  it("and with 130 at Ctrl-C, with nothing left running", async (test) => {
    const { dataDirectory } = await System.prepare(test);
    const waits = "until [ -e never ]; do sleep 0.05; done\n";
    await replaceSample(dataDirectory, { ...sample, "test.sh": waits });
    const command = startSam(test, ["start", "--once"], { dataDirectory });
    await command.untilPrinted("● running");
    command.interrupt();
    expectExit(await command.end(), 130);
    await until("nothing remains", () => new Belongings(dataDirectory).remains().length === 0);
  });
});
