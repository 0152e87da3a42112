/** Secrets from the command line: taken unseen, never shown again, and given to the agents' processes alone. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { locateDataDirectory } from "../../../apps/sam/src/data-directory/data-directory.ts";
import { beginKeyRotation, readSecretsKeys } from "../../../apps/sam/src/data-directory/secrets-keys.ts";
import { readMessages } from "../support/conversation.ts";
import { expectExit } from "../support/ends.ts";
import { parseJsonLines } from "../support/json-lines.ts";
import { taskOf } from "../support/run-result.ts";
import { type Finisher, sam, samInTerminal } from "../support/sam-command.ts";
import { shareSystem } from "../support/shared-system.ts";

const system = shareSystem({ settings: { tasksPerNode: 8, maxNodes: 1 } });

async function namesOf(test: Finisher): Promise<readonly string[]> {
  return (await listed(test)).map((entry) => entry.slice('"name":"'.length, -1));
}

/** What is on the standard input of a command. */
function given(input: string) {
  return { dataDirectory: system().dataDirectory, input };
}

async function listed(test: Finisher): Promise<readonly string[]> {
  const { stdout } = await sam(test, ["secrets", "list", "--json"], system());
  const [document] = parseJsonLines(stdout);
  return JSON.stringify(document).match(/"name":"[A-Z0-9_]+"/g) ?? [];
}

describe.concurrent("sam secrets set", () => {
  it("takes the standard input without the line end after it, and says what the secret is for", async (test) => {
    const set = await sam(test, ["secrets", "set", "OPENAI_API_KEY"], given("sk-of-stdin\n"));
    expectExit(set, 0);
    expect(set.stdout).toMatch(/^✓ OPENAI_API_KEY is set: the model's key of .*codex/);
    expect(`${set.stdout}${set.stderr}`).not.toContain("sk-of-stdin");
    const list = await sam(test, ["secrets", "list"], system());
    expect(list.stdout).toMatch(/^OPENAI_API_KEY +set .* the model's key of/m);
    expect(list.stdout).not.toContain("sk-of-stdin");
    const agents = await sam(test, ["agents"], system());
    expect(agents.stdout).toContain("OPENAI_API_KEY is set");
  });

  it("takes a file", async (test) => {
    const file = join(system().folder, "key.txt");
    writeFileSync(file, "of-file\r\n");
    const set = await sam(test, ["secrets", "set", "FILE_KEY", "--file", file, "--json"], system());
    expectExit(set, 0);
    expect(parseJsonLines(set.stdout)).toMatchObject([{ secret: { name: "FILE_KEY", keyOf: [] } }]);
    expect(set.stdout).not.toContain("of-file");
  });

  it("asks in a terminal, and shows nothing of what is typed", async (test) => {
    const command = samInTerminal(test, ["secrets", "set", "TYPED_KEY"], system());
    await command.untilPrinted("Value of TYPED_KEY (it is not shown): ");
    command.type("wrong\u0015sk-typed\u007fd\r");
    expectExit(await command.end(), 0);
    expect(command.stdout).toContain("✓ TYPED_KEY is set");
    expect(command.stdout).not.toMatch(/wrong|sk-type/);
  });

  it("sets nothing at Ctrl-C, and says so", async (test) => {
    const command = samInTerminal(test, ["secrets", "set", "GIVEN_UP_KEY"], system());
    await command.untilPrinted("it is not shown");
    command.type("sk-\u0003");
    expectExit(await command.end(), 130);
    expect(command.stdout).toContain("Nothing was set.");
    expect(await listed(test)).not.toContain('"name":"GIVEN_UP_KEY"');
  });

  it.for([
    ["a value as an argument", ["ARGUMENT_KEY", "sk-argument"], "not taken from the command line"],
    ["nothing at all", ["EMPTY_KEY"], "the value is empty"],
    ["a name in small letters", ["my_key"], "the NAME must be capitals"],
    ["a variable that changes programs", ["LD_PRELOAD"], "must not set"],
    ["a file that is not there", ["NO_FILE_KEY", "--file", "/nowhere/key"], "there is no such file"],
  ] as const)("refuses %s, names what is wrong and sets nothing", async ([, args, words], test) => {
    const ended = await sam(test, ["secrets", "set", ...args], system());
    expectExit(ended, 2);
    expect(ended.stderr).toContain(words);
    expect(ended.stderr).toContain("Nothing was set.");
    expect(ended.stderr).not.toContain("sk-argument");
    expect(await listed(test)).not.toContain(`"name":"${args[0]}"`);
  });
});

describe.concurrent("sam secrets delete", () => {
  it("asks first, naming what is lost; n keeps it, y deletes it", async (test) => {
    await sam(test, ["secrets", "set", "ASKED_KEY"], given("x"));
    const kept = samInTerminal(test, ["secrets", "delete", "ASKED_KEY"], system());
    await kept.untilPrinted("ASKED_KEY is in the environment of every agent of yours.");
    kept.type("n\r");
    expectExit(await kept.end(), 130);
    expect(await listed(test)).toContain('"name":"ASKED_KEY"');
    const deleted = samInTerminal(test, ["secrets", "delete", "ASKED_KEY"], system());
    await deleted.untilPrinted("Delete it? [y]es or [n]o:");
    deleted.type("y\r");
    expectExit(await deleted.end(), 0);
    expect(await listed(test)).not.toContain('"name":"ASKED_KEY"');
  });

  it("deletes nothing where nobody can be asked, but for --yes", async (test) => {
    await sam(test, ["secrets", "set", "PIPED_KEY"], given("x"));
    const refused = await sam(test, ["secrets", "delete", "PIPED_KEY"], system());
    expectExit(refused, 2);
    expect(refused.stderr).toContain("--yes");
    expectExit(await sam(test, ["secrets", "delete", "PIPED_KEY", "--yes"], system()), 0);
    const again = await sam(test, ["secrets", "delete", "PIPED_KEY", "--yes"], system());
    expectExit(again, 1);
    expect(again.stderr).toContain("There is no secret PIPED_KEY");
  });
});

describe("a secret", () => {
  const value = "hunter2-of-the-agent";
  const prompt = 'Use it.\n\n```sh\nprintf "%s" "$AGENT_KEY" | sha256sum > sum.txt\necho "it is $AGENT_KEY"\n```\n';

  async function sumSeenByAgent(test: Finisher, name: string): Promise<string> {
    const repository = await system().repository(name);
    const ended = await sam(test, ["run", "--json", "--repo", repository.path, "--output", prompt], system());
    expectExit(ended, 0);
    const task = taskOf(ended);
    const conversation = JSON.stringify(await readMessages(system().api, task.taskId));
    expect(conversation).toContain("[secret AGENT_KEY]");
    expect(`${ended.stdout}${conversation}`).not.toContain(value);
    return repository.read(task.branch, "sum.txt");
  }

  it("reaches the agent's process, is masked in what it says, and does so after a rotation of the keys, too", async (test) => {
    const keysFile = join(system().dataDirectory, "secrets-keys.json");
    await sam(test, ["secrets", "set", "AGENT_KEY"], given(value));
    const before = await sumSeenByAgent(test, "before");
    const keysBefore = readFileSync(keysFile, "utf8");

    const rotated = await sam(test, ["secrets", "rotate"], system());
    expectExit(rotated, 0);
    expect(rotated.stdout).toMatch(/^✓ \d+ secrets? (is|are) encrypted anew under the key/);
    const keysAfter: unknown = JSON.parse(readFileSync(keysFile, "utf8"));
    expect(keysAfter).toHaveLength(1);
    expect(readFileSync(keysFile, "utf8")).not.toBe(keysBefore);

    expect(await sumSeenByAgent(test, "after")).toBe(before);
    const log = readFileSync(join(system().dataDirectory, "logs/sam.log"), "utf8");
    expect(log).not.toContain(value);
  });
});

describe("a rotation", () => {
  const keyIds = () => readSecretsKeys(locateDataDirectory(system().dataDirectory))?.map(({ id }) => id) ?? [];

  it("does not begin while another is under way, and goes on from one that was given up", async (test) => {
    await sam(test, ["secrets", "set", "KEPT_KEY"], given("kept"));
    const other = beginKeyRotation(locateDataDirectory(system().dataDirectory), Date.now());
    const refused = await sam(test, ["secrets", "rotate"], system());
    expectExit(refused, 1);
    expect(refused.stderr).toContain("Another rotation is under way");
    expect(keyIds()).toHaveLength(2);
    other?.release();
    const rotated = await sam(test, ["secrets", "rotate", "--json"], system());
    expectExit(rotated, 0);
    expect(parseJsonLines(rotated.stdout)).toMatchObject([{ keyId: keyIds()[0], rotated: expect.any(Number) }]);
    expect(keyIds()).toHaveLength(1);
    const again = await sam(test, ["secrets", "set", "KEPT_KEY"], given("kept again"));
    expectExit(again, 0);
  });

  it("forgets no key while a secret cannot be read with any, and says which way out there is", async (test) => {
    const directory = locateDataDirectory(system().dataDirectory);
    await sam(test, ["secrets", "set", "LOST_KEY"], given("lost"));
    const [drawn] = readSecretsKeys(directory) ?? [];
    writeFileSync(directory.secretsKeys, JSON.stringify([{ ...drawn, key: Buffer.alloc(32, 1).toString("base64") }]));
    const refused = await sam(test, ["secrets", "rotate"], system());
    expectExit(refused, 1);
    expect(refused.stderr).toMatch(/can be read with none of the keys\. .*every key is kept/);
    expect(keyIds()).toHaveLength(2);
    for (const name of await namesOf(test)) await sam(test, ["secrets", "delete", name, "--yes"], system());
    expectExit(await sam(test, ["secrets", "rotate"], system()), 0);
    expect(keyIds()).toHaveLength(1);
  });
});
