/** Hostile use of files: no way out of the workspace by a path or a link, asked of SAM or named in a question. */
import { describe, expect, it } from "vitest";
import { z } from "zod";

import { readMessages } from "../system/support/conversation.ts";
import { makeLinks, pathCases, placeCases } from "./cases/paths.ts";
import type { Act } from "./support/hostile-case.ts";
import { shareHostileSystem } from "./support/hostile-system.ts";

const hostile = shareHostileSystem();
const answerSchema = z.object({ result: z.unknown().optional(), error: z.object({ message: z.string() }).optional() });
const raceSchema = z.object({ got: z.array(answerSchema), outside: z.string() });

function requests(): readonly Act[] {
  return pathCases.flatMap(({ id, reads, writes }): Act[] => [
    ...reads.map((path): Act => ({
      do: "request",
      name: `${id} read ${path}`,
      method: "fs/read_text_file",
      params: { path },
    })),
    ...writes.map((path): Act => ({
      do: "request",
      name: `${id} write ${path}`,
      method: "fs/write_text_file",
      params: { path, content: "escaped" },
    })),
  ]);
}

describe.concurrent("an agent that reads and writes through SAM", () => {
  it("gets nothing from outside of its workspace, and writes nothing there", async () => {
    const acts: Act[] = [
      makeLinks,
      { do: "request", name: "inside", method: "fs/read_text_file", params: { path: "{{cwd}}/README.md" } },
      ...requests(),
      {
        do: "sh",
        name: "outside",
        script:
          "cat {{state}}/outside/token {{cwd}}-beside/token; ls {{state}}/outside {{cwd}}/.. /tmp; ls -d {{cwd}}-new; rm -rf {{cwd}}-beside loop pipe",
      },
    ];
    await hostile().play({ name: "paths", acts });
    const report = await hostile().report("paths");
    expect(report["inside"]).toEqual({ result: { content: "# A project\n" } });
    const taken = requests().filter(
      (act) => answerSchema.parse(report["name" in act ? (act.name ?? "") : ""]).error === undefined,
    );
    expect(taken).toEqual([]);
    const { output } = z.object({ output: z.string() }).parse(report["outside"]);
    expect(output).toMatch(/^outsideoutside/);
    expect(output).not.toMatch(/escaped|hostile|\bnew\b(?!.*No such)/);
  });

  it("gets nothing by a folder that turns into a link meanwhile", async () => {
    await hostile().play({ name: "race", acts: [{ do: "race", name: "race" }] });
    const { got, outside } = raceSchema.parse((await hostile().report("race"))["race"]);
    expect(outside).toBe("outside");
    const contents = got.flatMap(
      ({ result }) => z.object({ content: z.string() }).safeParse(result).data?.content ?? [],
    );
    expect(contents.filter((content) => content === "outside")).toEqual([]);
    expect(contents.length).toBeGreaterThan(0);
  });
});

describe("a policy that allows edits in the workspace", () => {
  it("allows none that names any place outside, or none at all: the person is asked", async () => {
    const options = [
      { optionId: "yes", name: "Yes", kind: "allow_once" },
      { optionId: "no", name: "No", kind: "reject_once" },
    ];
    const honest = {
      toolCallId: "honest",
      kind: "edit",
      title: "honest",
      status: "pending",
      locations: [{ path: "{{cwd}}/README.md" }],
    };
    const asks = [honest, ...placeCases.map(({ toolCall }) => toolCall)];
    const { taskId } = await hostile().begin({
      name: "places",
      permissionPolicy: "allow_edits",
      acts: [
        makeLinks,
        ...asks.map((toolCall): Act => ({ do: "ask", params: { toolCall, options } })),
        { do: "sh", script: "rm -rf loop pipe {{cwd}}-beside" },
      ],
    });
    await hostile().refuseAll(taskId);
    const messages = await readMessages(hostile().system.api, taskId);
    const askedOf = new Map(
      messages.flatMap(({ body }) => (body.kind === "permission" ? [[body.requestId, body.title] as const] : [])),
    );
    const settled = messages.flatMap(({ body }) =>
      body.kind === "permission_settled"
        ? [[askedOf.get(body.requestId), body.by.replace(/^user_.*/, "user"), body.optionId]]
        : [],
    );
    expect(settled).toEqual([
      ["honest", "policy:allow_edits", "yes"],
      ...placeCases.map(({ toolCall }) => [toolCall["title"], "user", "no"]),
    ]);
  });
});
