/** The work of a task as a diff: in a line while it is followed, and whole on demand, harmless to the terminal. */
import { workDiffSchema } from "@sam/protocol/work-diff";
import { describe, expect, it } from "vitest";
import { z } from "zod";

import { expectExit } from "../support/ends.ts";
import { parseJsonLines } from "../support/json-lines.ts";
import { type Finisher, sam, samInTerminal } from "../support/sam-command.ts";
import { shareSystem } from "../support/shared-system.ts";

const system = shareSystem({ settings: { tasksPerNode: 8, maxNodes: 1 } });

async function run(test: Finisher, name: string, script: string) {
  const repository = await system().repository(name);
  const ended = await sam(test, ["run", "--repo", repository.path, `Do.\n\n\`\`\`sh\n${script}\n\`\`\`\n`], system());
  expectExit(ended, 0);
  return { taskId: /task_\w+/.exec(ended.stdout)?.[0] ?? "", ended };
}

describe.concurrent("sam task --diff", () => {
  it("prints the patch as it stands, and sam run sums it up in a line", async (test) => {
    const { taskId, ended } = await run(test, "plain", "echo hello > a.txt; echo more >> README.md");
    expect(ended.stdout).toMatch(/^\d\d:\d\d:\d\d ± 2 files changed, \+2 −0: README\.md, a\.txt$/m);
    const diff = await sam(test, ["task", taskId, "--diff"], system());
    expectExit(diff, 0);
    expect(diff.stdout).toMatch(/^diff --git a\/README\.md b\/README\.md$/m);
    expect(diff.stdout).toMatch(/^\+more$[^]*^\+\+\+ b\/a\.txt\n@@ .*\n\+hello$/m);
    expect(diff.stdout).not.toContain("\u001b");
  });

  it("is coloured in a terminal, by SAM alone: what stands in a file reaches no terminal", async (test) => {
    const script = String.raw`printf 'a\033[2J\033]0;owned\007b\rc\342\200\256d\n' > a.txt`;
    const { taskId } = await run(test, "hostile", script);
    const command = samInTerminal(test, ["task", taskId, "--diff"], system());
    expectExit(await command.end(), 0);
    expect(command.stdout).toMatch(/\u001b\[32m\+a[^\u001b\r\n]*b[^\u001b\r\n]*c[^\u001b\r\n]*d\u001b\[39m/);
    const others = command.stdout.replaceAll(/\u001b\[[0-9;]*m/g, "").replaceAll("\r\n", "\n");
    expect(others).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  });

  it("--json is the diff as the node reported it; where nothing was changed there is none", async (test) => {
    const { taskId } = await run(test, "json", "echo hello > a.txt");
    const ended = await sam(test, ["task", taskId, "--diff", "--json"], system());
    const { diff } = z.object({ diff: workDiffSchema }).parse(parseJsonLines(ended.stdout)[0]);
    expect(diff.files).toMatchObject([{ path: "a.txt", status: "added", insertions: 1, deletions: 0 }]);
    expect(diff.patch).toContain("+hello\n");
    const nothing = await run(test, "nothing", "true");
    const none = await sam(test, ["task", nothing.taskId, "--diff"], system());
    expectExit(none, 0);
    expect(none.stdout).toMatch(/No diff of task_\w+ was reported|has changed nothing/);
  });
});
