/** The first start as a newcomer reads it: the task that was done, the page on it, and what to try next. */
import { systemSchema } from "@sam/protocol/system-api";
import { describe, expect, it } from "vitest";

import { expectExit } from "../support/ends.ts";
import { type Finisher, sam, startSam } from "../support/sam-command.ts";
import { System } from "../support/system.ts";

async function firstRun(test: Finisher) {
  const system = await System.prepare(test);
  const command = startSam(test, ["start"], system);
  await command.untilPrinted("SAM stays up until Ctrl-C");
  return { system, command };
}

describe.concurrent("the first npm start", () => {
  it("ends with a link that signs in to the page of the finished task, and a real agent as the next step", async (test) => {
    const { system, command } = await firstRun(test);
    const text = command.stdout;
    const [, link = ""] = /What next:[^]*?\n +(http:\S+\/sign-in\?task=task_\w+#[\w-]{43})\n/.exec(text) ?? [];
    expect(text.slice(text.indexOf(link))).toMatch(
      /secrets set OPENAI_API_KEY\n.*agent check codex\n[^]*run --agent codex/,
    );

    const { firstTaskId, sampleRepository } = await system.api.request("GET", "/api/system", systemSchema);
    expect(new URL(link).searchParams.get("task")).toBe(firstTaskId);
    expect(text).toContain(`on a sample repository in ${sampleRepository}`);
    expect(await system.api.task(firstTaskId ?? "")).toMatchObject({ step: "completed", agentId: "runbook" });
    const shown = await fetch(new URL(`/tasks/${firstTaskId}`, link), { signal: AbortSignal.timeout(10_000) });
    expect(shown.headers.get("content-type")).toContain("text/html");
    expect(await shown.text()).not.toContain(new URL(link).hash.slice(1));

    command.signal("SIGINT");
    expectExit(await command.end(), 0);
    await system.untilNothingRemains();
  });

  it("--json gives programs the link, and the first task line by line", async (test) => {
    const system = await System.prepare(test);
    const command = startSam(test, ["start", "--json"], system);
    const last = await system.until("it is done", () => command.printed().find(({ type }) => type === "result"));
    expect(last).toMatchObject({ exitCode: 0, allVerdictsHold: true });
    expect(command.printed()[0]).toMatchObject({ type: "ready", signInUrl: expect.stringMatching(/\/sign-in#/) });
    expectExit(await sam(test, ["down"], system), 0);
    expectExit(await command.end(), 0);
  });
});
