import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { expect, it, onTestFinished } from "vitest";
import { z } from "zod";

it("prints its URL as a line of JSON, and serves there", async () => {
  const main = fileURLToPath(new URL("main.ts", import.meta.url));
  const child = spawn(process.execPath, [main, "--port", "0", "--model", "only-one"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  onTestFinished(async () => {
    child.kill();
    await exited;
  });
  const line: unknown = (await once(createInterface({ input: child.stdout }), "line"))[0];
  const { url } = z.object({ url: z.url() }).parse(JSON.parse(z.string().parse(line)));
  const answer = await fetch(`${url}/v1/models`, { signal: AbortSignal.timeout(5_000) });
  expect(await answer.json()).toMatchObject({ data: [{ id: "only-one" }] });
});
