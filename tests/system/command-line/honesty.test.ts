/** What SAM says of this machine and of itself is so. */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { expectExit } from "../support/ends.ts";
import { sam } from "../support/sam-command.ts";
import { shareSystem } from "../support/shared-system.ts";
import { System } from "../support/system.ts";

const system = shareSystem();
const oneBlock = "Say it.\n\n```sh\necho said > said.txt\n```\n";

describe.concurrent("isolation that is not in force", () => {
  it("is told as such, with the reason, by nodes, doctor and the API; tasks run all the same", async (test) => {
    const plain = await System.start(test, { isolation: "plain" });
    const environment = { PATH: `${plain.stage.folder}:${process.env["PATH"] ?? ""}` };
    const { dataDirectory } = plain;
    const repository = await plain.repository();
    expectExit(await sam(test, ["run", "--repo", repository.path, oneBlock], { dataDirectory, environment }), 0);
    const nodes = await sam(test, ["nodes"], { dataDirectory, environment });
    expect(nodes.stdout).toMatch(/isolation: plain.*bubblewrap/);
    const doctor = await sam(test, ["doctor"], { dataDirectory, environment });
    expect(doctor).toMatchObject({ exitCode: 0 });
    expect(doctor.stdout).toMatch(/▲ bubblewrap +not in force: nodes are plain processes of yours/);
    const { isolation } = await plain.api.system();
    expect(isolation?.processes).toBe("plain");
    expect(isolation?.reasons.join(" ")).toContain("bubblewrap");
  });

  it("is not told where it is", async (test) => {
    const { isolation } = await system().api.system();
    const doctor = await sam(test, ["doctor"], system());
    const works = doctor.stdout.includes("✓ bubblewrap");
    expect(works).toBe(isolation?.processes === "bubblewrap");
  });
});

describe.concurrent("secrets", () => {
  it("stand in no log, no process list and no output", async (test) => {
    const { dataDirectory, api, belongings } = system();
    const repository = await system().repository("secret");
    const prompt = `The password is hunter2-of-the-prompt.\n\n\`\`\`sh\ntrue\n\`\`\`\n`;
    const { token } = api.locate();
    const ended = await sam(test, ["run", "--repo", repository.path, "--file", "-"], { dataDirectory, input: prompt });
    expectExit(ended, 0);
    const servers = join(dataDirectory, "machine-host/servers");
    const logs = [
      ...readdirSync(join(dataDirectory, "logs")).map((name) => join(dataDirectory, "logs", name)),
      ...readdirSync(servers).map((name) => join(servers, name, "console.log")),
    ].map((path) => readFileSync(path, "utf8"));
    const commands = belongings.all().flatMap(({ command, environment }) => [...command, ...environment.values()]);
    for (const text of [...logs, ...commands]) {
      expect(text).not.toContain(token);
      expect(text).not.toContain("hunter2-of-the-prompt");
    }
    expect(`${ended.stdout}${ended.stderr}`).not.toContain(token);
  });

  it("that are not this system's open nothing, and the command says what to do", async (test) => {
    const copy = join(system().folder, "copy");
    mkdirSync(copy);
    cpSync(join(system().dataDirectory, "run.json"), join(copy, "run.json"));
    writeFileSync(join(copy, "token"), `${"x".repeat(43)}\n`);
    const ended = await sam(test, ["tasks"], { dataDirectory: copy });
    expect(ended).toMatchObject({ exitCode: 1, stdout: "" });
    expect(ended.stderr).toContain("sam down");
  });
});
