/** Links that sign in to the page: fresh ones, each good for one session, given to the person at the terminal alone. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";
import { z } from "zod";

import { expectExit } from "../support/ends.ts";
import { parseJsonLines } from "../support/json-lines.ts";
import { type Finisher, sam, samInTerminal } from "../support/sam-command.ts";
import { shareSystem } from "../support/shared-system.ts";
import { System } from "../support/system.ts";

const system = shareSystem();
const linkSchema = z.object({ url: z.url(), expiresAt: z.number() });

async function link(test: Finisher) {
  const ended = await sam(test, ["open", "--json"], system());
  expectExit(ended, 0);
  return linkSchema.parse(parseJsonLines(ended.stdout)[0]);
}

async function signIn(url: string): Promise<number> {
  const { origin, hash } = new URL(url);
  const answer = await fetch(`${origin}/api/session`, {
    method: "POST",
    headers: { "content-type": "application/json", origin },
    body: JSON.stringify({ token: hash.slice(1) }),
    signal: AbortSignal.timeout(10_000),
  });
  await answer.text();
  return answer.status;
}

describe.concurrent("sam open", () => {
  it("prints a fresh link each time, which signs in once", async (test) => {
    const [first, second] = [await link(test), await link(test)];
    expect(first.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/sign-in#[\w-]{43}$/);
    expect(first.url).not.toBe(second.url);
    expect(first.expiresAt).toBeGreaterThan(Date.now());
    expect([await signIn(first.url), await signIn(first.url), await signIn(second.url)]).toEqual([200, 401, 200]);
  });

  it("says where there is a page at all, and how long the link is good for", async (test) => {
    const ended = await sam(test, ["open"], system());
    expectExit(ended, 0);
    expect(ended.stdout).toMatch(/^http:\S+\/sign-in#\S+\nIt signs in once, within 14 m 5\d s\./);
    const { origin } = new URL(ended.stdout.split("\n")[0] ?? "");
    const page = await fetch(`${origin}/sign-in`, { signal: AbortSignal.timeout(10_000) });
    expect(page.headers.get("content-type")).toContain("text/html");
    await page.text();
  });

  it("opens no browser without a screen, and with --no-browser", async (test) => {
    const { dataDirectory } = system();
    for (const [args, environment] of [
      [[], {}],
      [["--no-browser"], { DISPLAY: ":99" }],
    ] as const) {
      const command = samInTerminal(test, ["open", ...args], { dataDirectory, environment });
      expectExit(await command.end(), 0);
      expect(command.stdout).not.toContain("browser was asked");
    }
  });

  it("leads a browser there by a page that only this user can read, and names no link among its arguments", async (test) => {
    const { dataDirectory, stage, folder } = system();
    const asked = join(folder, "browser-arguments");
    const script = `#!/bin/sh\nprintf '%s\\n' "$@" >'${asked}.new'\nmv '${asked}.new' '${asked}'\n`;
    writeFileSync(join(stage.folder, "xdg-open"), script, { mode: 0o755 });
    const environment = { DISPLAY: ":99", PATH: `${stage.folder}:${process.env["PATH"] ?? ""}` };
    const command = samInTerminal(test, ["open"], { dataDirectory, environment });
    expectExit(await command.end(), 0);
    expect(command.stdout).toContain("Your browser was asked to open it.");
    const page = await system().until("the browser is asked", () => existsSync(asked) && readFileSync(asked, "utf8"));
    expect(page).toBe(`${join(dataDirectory, "tmp/sign-in.html")}\n`);
    expect(statSync(page.trim()).mode & 0o777).toBe(0o600);
    const [url = ""] = /http:\S+#[\w-]+/.exec(command.stdout) ?? [];
    expect(readFileSync(page.trim(), "utf8")).toContain(`content="0; url=${url}"`);
  });
});

describe.concurrent("the link of a start", () => {
  it("is printed by sam up, by a second start and by --detach, and stands in no log", async (test) => {
    const own = await System.prepare(test);
    const detached = await sam(test, ["up", "--detach", "--json"], own);
    expectExit(detached, 0);
    const again = await sam(test, ["start"], own);
    expectExit(again, 0);
    const [, second = ""] = /signed in \(once, within 15 minutes\): (http:\S+)/.exec(again.stdout) ?? [];
    const { signInUrl } = z.object({ signInUrl: z.url() }).parse(parseJsonLines(detached.stdout)[0]);
    const [, token = ""] = signInUrl.split("#");
    expect(second).toMatch(/\/sign-in#[\w-]{43}$/);
    const logs = join(own.dataDirectory, "logs");
    for (const name of readdirSync(logs)) {
      const text = readFileSync(join(logs, name), "utf8");
      for (const secret of [token, second.split("#")[1] ?? ""]) expect(text).not.toContain(secret);
    }
    expectExit(await sam(test, ["down"], own), 0);
  });
});
