/** A start that cannot be: exit code 2, what stands in the way and what to do about it; nothing was started or changed. */
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { freePort } from "../../../apps/sam/test/support/free-port.ts";
import { Belongings } from "../support/belongings.ts";
import { type CommandEnd, type Finisher, type RunningCommand, sam, startSam } from "../support/sam-command.ts";
import { System } from "../support/system.ts";
import { until } from "../support/until.ts";

/** @returns a new folder, which goes when the test ends. */
function makeFolder(test: Finisher): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "sam-start-")));
  test.onTestFinished(async () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Takes a port until the test ends. */
async function occupy(test: Finisher): Promise<number> {
  const server = createServer();
  server.listen({ port: await freePort(), host: "127.0.0.1", exclusive: true });
  await once(server, "listening");
  test.onTestFinished(async () => {
    server.close();
    await once(server, "close");
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the port was not taken");
  return address.port;
}

function expectRefusal(ended: CommandEnd, ...words: readonly string[]): void {
  expect(ended).toMatchObject({ exitCode: 2, stdout: "" });
  expect(ended.stderr).toMatch(/^sam: /);
  for (const word of [...words, "Nothing was started."]) expect(ended.stderr).toContain(word);
  expect(ended.stderr).not.toMatch(/\n\s+at /);
}

describe.concurrent("a port in use", () => {
  it("that was asked for by name is refused", async (test) => {
    const port = await occupy(test);
    const dataDirectory = join(makeFolder(test), "data");
    const ended = await sam(test, ["up", "--port", String(port)], { dataDirectory });
    expectRefusal(ended, `Port ${port}`, "in use by another program", "--port");
    expect(new Belongings(dataDirectory).remains()).toEqual([]);
  });

  it("that was SAM's own last time is replaced by a free one, and both are named", async (test) => {
    const port = await occupy(test);
    const dataDirectory = join(makeFolder(test), "data");
    mkdirSync(dataDirectory);
    writeFileSync(join(dataDirectory, "last-port"), `${port}\n`);
    const running = startSam(test, ["up"], { dataDirectory });
    await running.untilPrinted("SAM is ready on");
    expect(running.stdout).toContain(String(port));
    expect(running.stdout).not.toContain(`127.0.0.1:${port} `);
    running.signal("SIGTERM");
    expect(await running.end()).toMatchObject({ exitCode: 0, stderr: "" });
  });
});

describe.concurrent("a data directory", () => {
  it("that a running system holds is refused, naming who holds it; that one goes on", async (test) => {
    const system = await System.start(test);
    const { dataDirectory } = system;
    const ended = await sam(test, ["up"], { dataDirectory });
    expectRefusal(
      ended,
      dataDirectory,
      `process ${system.launcher.pid}`,
      system.launcher.url,
      "sam down",
      "--data-dir",
    );
    expect((await system.api.tasks()).tasks).toEqual([]);

    // As while it starts or stops: it is there, and not to be reached.
    process.kill(system.launcher.pid, "SIGSTOP");
    rmSync(join(dataDirectory, "run.json"));
    const again = await sam(test, ["up"], { dataDirectory });
    process.kill(system.launcher.pid, "SIGCONT");
    expectRefusal(again, `process ${system.launcher.pid}`, "starting or stopping");
  });

  it("that is a file is refused, and the file is left alone", async (test) => {
    const path = join(makeFolder(test), "notes.txt");
    writeFileSync(path, "mine\n");
    for (const args of [["up"], ["start", "--once"], ["run", "--repo", "/srv/x.git", "Do it."]]) {
      expectRefusal(await sam(test, args, { dataDirectory: path }), path, "is a file", "--data-dir");
      expectRefusal(await sam(test, args, { dataDirectory: join(path, "data") }), path, "is a file");
    }
    expect(readFileSync(path, "utf8")).toBe("mine\n");
  });

  it("that this user may not write is refused", async (test) => {
    const dataDirectory = join(makeFolder(test), "data");
    mkdirSync(dataDirectory);
    chmodSync(dataDirectory, 0o555);
    const ended = await sam(test, ["up"], { dataDirectory, through: asOrdinaryUser() });
    expectRefusal(ended, dataDirectory, "may not write", "permissions", "--data-dir");
    expect(readdirSync(dataDirectory)).toEqual([]);
  });

  it("on a read-only file system is refused", async (test) => {
    const dataDirectory = join(makeFolder(test), "mount");
    mkdirSync(dataDirectory);
    const mount = `mount -t tmpfs -o ro none '${dataDirectory}' && exec "$@"`;
    const through = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, "sh"];
    expectRefusal(await sam(test, ["up"], { dataDirectory, through }), dataDirectory, "read-only", "--data-dir");
  });

  it("with settings that cannot be is refused, naming each", async (test) => {
    const dataDirectory = join(makeFolder(test), "data");
    mkdirSync(dataDirectory);
    writeFileSync(join(dataDirectory, "settings.json"), '{ "warmMs": -1, "wamrMs": 5 }\n');
    const ended = await sam(test, ["up"], { dataDirectory });
    expectRefusal(ended, "settings.json", "wamrMs: there is no such setting", "warmMs: must be a whole number");
    expect(existsSync(join(dataDirectory, "state"))).toBe(true);
  });
});

/** Root may write anywhere, unless it gives that up. */
function asOrdinaryUser(): readonly string[] {
  if (process.getuid?.() !== 0) return [];
  return ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner"];
}

it("two starts at the same moment make one system", async (test) => {
  const dataDirectory = join(makeFolder(test), "data");
  const both = [1, 2].map(() => startSam(test, ["up", "--json"], { dataDirectory }));
  const isReady = (command: RunningCommand) => command.printed().some(({ type }) => type === "ready");
  const ready = await until("one is ready", () => both.find(isReady));
  const other = await Promise.all(both.filter((command) => command !== ready).map((command) => command.end()));
  expect(other).toMatchObject([{ exitCode: 2, stderr: expect.stringContaining("in use by process") }]);
  ready.signal("SIGINT");
  expect(await ready.end()).toMatchObject({ exitCode: 0 });
  await until("nothing remains", () => new Belongings(dataDirectory).remains().length === 0);
});
