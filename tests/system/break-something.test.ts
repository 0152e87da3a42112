/**
 * "Break something", as a person does it on their own machine: each of the four is really done to a running system, and
 * what SAM promises about it is proven by facts afterwards. It ends by itself, and a task goes on through all of them.
 */
import { breakageListSchema, breakageViewSchema } from "@sam/protocol/breakage-api";
import { describe, expect, it } from "vitest";
import { z } from "zod";

import { readMessages } from "./support/conversation.ts";
import { System } from "./support/system.ts";

const gate = "counting";

const resultSchema = z.object({ breakage: breakageViewSchema });

/** Breaks it by the command, and waits for the proofs. */
async function breakIt(system: System, what: string, ...options: readonly string[]) {
  const { exitCode, output } = await system.sam("break", what, "--yes", "--json", ...options);
  if (exitCode === null || !output.trimStart().startsWith("{")) throw new Error(`sam break ${what}: ${output}`);
  const { breakage } = resultSchema.parse(JSON.parse(output));
  expect({ what, exitCode, proofs: breakage.proofs }).toMatchObject({
    exitCode: 0,
    proofs: [{ holds: true }, { holds: true }, { holds: true }],
  });
  return breakage;
}

describe("what is broken on purpose", () => {
  it("is really broken, ends by itself, and leaves every promise kept", async (test) => {
    const system = await System.start(test, { settings: { tasksPerNode: 1, maxNodes: 2 } });
    system.stage.shut(gate);
    const { path } = await system.repository();
    const isShut = `[ -e '${system.stage.gatePath(gate)}' ]`;
    const count = `n=0; while ${isShut}; do n=$((n + 1)); echo "count $n"; sleep 0.1; done; echo $n >counted.txt`;
    const submit = (script: string) =>
      system.submit({ prompt: `\`\`\`sh\n${script}\n\`\`\``, repository: { url: path } });
    const { taskId } = await submit(count);
    await system.untilStep(taskId, "running");
    const vmAgent = system.processOf("VM agent");
    const workerd = system.processOf("workerd");

    const killed = await breakIt(system, "kill-vm-agent");
    expect(system.processOf("VM agent").pid).not.toBe(vmAgent.pid);
    expect(killed.proofs[0]?.evidence).toBe("epoch 1 before, 2 now");
    // What it does at that very moment is not asked.
    const { pid, startTicks } = system.processOf("VM agent");

    const cut = await breakIt(system, "cut-network", "--for", "1.5");
    expect(cut.deed.seen).toMatch(/^it was cut off for 1\.\d s$/);
    expect(system.processOf("VM agent")).toMatchObject({ pid, startTicks });

    const crashed = await breakIt(system, "restart-control-plane");
    expect(crashed.deed.seen).toMatch(/^workerd answered again after/);
    expect(system.processOf("workerd").pid).not.toBe(workerd.pid);

    // A second task needs a machine of its own, from a provider that does not answer.
    const stalling = breakIt(system, "stall-provider", "--for", "3");
    await system.until("the provider stalls", async () => {
      const { breakages } = await system.api.request("GET", "/api/breakages", breakageListSchema);
      return breakages[0]?.deed.kind === "stall_provider" && breakages[0].deed.backAt === null;
    });
    const { taskId: second } = await submit("echo hello >hello.txt");
    expect((await stalling).deed.seen).toMatch(/; requests held back: [1-9]\d*$/);
    await system.untilFinal(second);

    const task = await system.api.task(taskId);
    expect(task).toMatchObject({ step: "running", incarnation: 2 });
    const messages = await readMessages(system.api, taskId);
    expect(messages.map(({ seq }) => seq)).toEqual(messages.map((_message, index) => index + 1));
    system.stage.open(gate);
    expect(await system.untilFinal(taskId)).toMatchObject({ step: "completed", failure: null });
    expect((await system.down()).exitCode).toBe(0);
    await system.untilNothingRemains();
  });

  it("is asked for by a person alone: nobody who cannot be asked, and nothing that there is not", async (test) => {
    const system = await System.start(test);
    const unasked = await system.sam("break", "stall-provider");
    expect(unasked).toMatchObject({ exitCode: 2, output: expect.stringContaining("There is nobody to ask here") });
    const nothing = await system.sam("break", "kill-vm-agent", "--yes");
    expect(nothing).toMatchObject({ exitCode: 1, output: expect.stringContaining("No node is connected") });
    const unknown = await system.sam("break", "everything", "--yes");
    expect(unknown).toMatchObject({ exitCode: 2, output: expect.stringContaining("is none of") });
    const explained = await system.sam("break");
    expect(explained.exitCode).toBe(0);
    expect(explained.output).toContain("No message is lost, and none comes twice.");
    const url = `${system.launcher.url}/api/breakages`;
    const anyone = await fetch(url, { method: "POST", body: "{}", signal: AbortSignal.timeout(10_000) });
    expect(anyone.status).toBe(401);
  });
});
