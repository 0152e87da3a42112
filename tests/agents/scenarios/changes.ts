/** An agent that changes a repository and runs a command, with two secrets around: neither is shown, and one it never has. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "vitest";

import type { Script } from "../../model-server/script/script.ts";
import { agentTexts } from "../../system/support/conversation.ts";
import { modelKey, secret, type AgentBed, type Errand } from "../support/agent-bed.ts";
import { filesWith } from "../support/files-with.ts";
import { usageOfCalls } from "../support/script-usage.ts";
import { untilEnded } from "../support/watching.ts";
import { good, type Scenario } from "./scenario.ts";

const shown = `[secret ${secret.name}]`;
/** What every process of the node has in its environment, as a tool of the agent can read it. */
const look = `mkdir -p "$HOME/../../witness"; cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | sort -u >"$HOME/../../witness/environment.txt"`;
/** By way of what was read there, since some agents keep variables from their tools. */
const tell = `grep ^${secret.name} "$HOME/../../witness/environment.txt"`;

export const workScript: Script = [
  { think: "There is a file to be made." },
  { say: "I begin with a file.", chunks: 4 },
  { write: { path: "made.txt", content: "one\ntwo\n" } },
  { run: `${look}; echo ran >ran.txt; ${tell}` },
  // In chunks that are shorter than any secret.
  { say: `Done; the passphrase was ${secret.value}, all of it.`, chunks: 25 },
];

export const changes: Scenario = {
  id: "changes",
  title: "changes a repository",
  proves:
    "It writes a file and runs a command. The branch has both, the check passes, and the usage is what the model server " +
    "counted. The model's key is in no environment and no file of the node. A secret of the owner that a tool prints, and " +
    "that the model says in pieces of two letters, is shown as `[secret NAME]`.",
  end: () => good,
  async play(bed) {
    const errand = await bed.submit({
      name: "change the repository",
      script: workScript,
      checkCommand: "grep -q two made.txt && grep -q ran ran.txt",
    });
    const { repository } = errand;
    const { branch, verdicts, usage } = await untilEnded(bed, errand);
    expect(await repository.changed(branch)).toEqual(["made.txt", "ran.txt"]);
    expect(await repository.read(branch, "made.txt")).toBe("one\ntwo");
    expect(verdicts).toMatchObject({
      ended: { holds: true, stopReason: "end_turn" },
      produced: { holds: true, commits: 1, files: 2 },
      checked: { outcome: "passed", exitCode: 0 },
      pushed: { holds: true },
    });
    expect(usage).toEqual(bed.profile.usage(usageOfCalls(workScript)));
    expectSecretsHidden(errand);
    await expectKeyNowhere(bed);
    return { ...errand, seen: null };
  },
};

/** Both where a tool printed it and where the agent said it in small pieces. */
function expectSecretsHidden({ followed: { messages } }: Errand): void {
  expect(agentTexts(messages).join("")).toContain(`the passphrase was ${shown}, all of it.`);
  const tools = messages.filter(
    ({ body }) => body.kind === "agent_update" && String(body.update["sessionUpdate"]).startsWith("tool_call"),
  );
  expect(JSON.stringify(tools)).toContain(`${secret.name}=${shown}`);
}

/** The model's server saw the key, and the agent never had it: neither in an environment nor in a file of its node. */
async function expectKeyNowhere({ system, model }: AgentBed): Promise<void> {
  const [disk = ""] = system.nodeDisks();
  const environment = readFileSync(join(disk, "witness/environment.txt"), "utf8");
  expect(environment, "the look sees the agent's environment").toContain(`${secret.name}=${secret.value}`);
  expect(environment).not.toContain(modelKey);
  expect(await filesWith(modelKey, system.dataDirectory)).toEqual([]);
  expect(await filesWith(secret.value, join(system.dataDirectory, "state"))).toEqual([]);
  expect(await filesWith(secret.value, join(system.dataDirectory, "logs"))).toEqual([]);
  const answers = model.calls.filter(({ purpose }) => purpose === "answer");
  expect(new Set(answers.map(({ keyFingerprint }) => keyFingerprint))).toEqual(new Set([modelKey.slice(-4)]));
}
