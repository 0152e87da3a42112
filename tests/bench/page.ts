/**
 * The task page in a real browser: how much JavaScript comes before it shows the task, and how long a key press takes to
 * its paint while a conversation streams beside it.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { build } from "esbuild";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { z } from "zod";

import { chromiumPath } from "../browser/support/chromium.ts";
import { makeRepository } from "./support/repository.ts";
import { median, percentile, type Figure } from "./support/statistics.ts";
import { checkout, type BenchSystem } from "./support/system.ts";

const flags = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"];
const timeoutMs = 60_000;
const pauseMs = 60;

/** Streams a line every hundredth of a second for as long as the measurement takes. */
const streaming = `Stream.

\`\`\`sh
i=0; while [ $i -lt 6000 ]; do echo "line $i of what streams beside the composer"; i=$((i+1)); sleep 0.01; done
\`\`\`
`;

export async function measurePage(system: BenchSystem, presses: number): Promise<Figure[]> {
  const profile = mkdtempSync(join(tmpdir(), "sam-bench-chromium-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath(),
    args: flags,
    viewport: { width: 1280, height: 800 },
  });
  context.setDefaultTimeout(timeoutMs);
  try {
    await signIn(context, system);
    const taskId = await submit(system, streaming);
    const javaScript = await measureJavaScript(context, system, taskId);
    const keys = await measureKeyPresses(context, system, taskId, presses);
    await system.call(`/api/tasks/${taskId}/cancel`, {});
    return [javaScript, ...keys];
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function signIn(context: BrowserContext, system: BenchSystem): Promise<void> {
  const answer = await system.call("/api/sign-in-links", {});
  const { token } = z.object({ token: z.string() }).parse(await answer.json());
  const page = await context.newPage();
  await page.goto(`${system.url}/sign-in#${token}`);
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
  await page.close();
}

async function submit(system: BenchSystem, prompt: string): Promise<string> {
  const answer = await system.call("/api/tasks", { prompt, repository: { url: makeRepository(20, 1) } });
  return z.object({ task: z.object({ taskId: z.string() }) }).parse(await answer.json()).task.taskId;
}

/** What the browser fetched as script by the time at which the task's title stands there, as it came over the wire. */
async function measureJavaScript(context: BrowserContext, system: BenchSystem, taskId: string): Promise<Figure> {
  const page = await context.newPage();
  await page.goto(`${system.url}/tasks/${taskId}`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  const bytes = z
    .number()
    .parse(
      await page.evaluate(
        `performance.getEntriesByType("resource").filter((it) => it.name.endsWith(".js")).reduce((sum, it) => sum + it.encodedBodySize, 0)`,
      ),
    );
  await page.close();
  return {
    name: "JavaScript that is fetched until the task page shows the task, as encoded on the wire",
    measured: bytes / 1024,
    baseline: (await bareReactBytes()) / 1024,
    unit: "KiB",
    baselineName: "react-dom/client alone, minified, gzip",
    atMost: null,
    runs: 1,
  };
}

async function bareReactBytes(): Promise<number> {
  const built = await build({
    stdin: {
      contents: 'import { createRoot } from "react-dom/client"; createRoot(document.body);',
      resolveDir: checkout,
    },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    define: { "process.env.NODE_ENV": '"production"' },
  });
  return gzipSync(built.outputFiles[0]?.contents ?? "").length;
}

async function measureKeyPresses(
  context: BrowserContext,
  system: BenchSystem,
  taskId: string,
  presses: number,
): Promise<Figure[]> {
  const page = await context.newPage();
  await page.goto(`${system.url}/tasks/${taskId}`);
  // Opened in place, so that what streams is painted.
  await page.getByRole("button", { name: /^Tool call: .*running/ }).click();
  await page
    .getByText(/line \d+ of what streams/)
    .first()
    .waitFor();
  const measured = await pressKeys(page, presses);
  await page.close();
  const empty = await context.newPage();
  await empty.setContent("<textarea></textarea>");
  const baseline = await pressKeys(empty, presses);
  const figure = (name: string, fraction: number): Figure => ({
    name: `a key press to its paint while a conversation streams, ${name}`,
    measured: percentile(measured, fraction),
    baseline: percentile(baseline, fraction),
    unit: "ms",
    baselineName: "a text area alone on a page",
    atMost: null,
    runs: presses,
  });
  await empty.close();
  if (median(measured) > 0) return [figure("p50", 0.5), figure("p95", 0.95)];
  throw new Error("no key press was painted");
}

/** @returns milliseconds from the event's own time to the end of the frame in which its letter was painted. */
async function pressKeys(page: Page, presses: number): Promise<number[]> {
  await page.evaluate(`
    window.pressTimes = [];
    addEventListener("keydown", (event) => {
      requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => window.pressTimes.push(performance.now() - event.timeStamp);
        channel.port2.postMessage(null);
      });
    }, { capture: true });
  `);
  const box = page.locator("textarea").last();
  await box.focus();
  for (let press = 1; press <= presses; press += 1) {
    await page.keyboard.press("a");
    // The page's policy allows no text to be made code in it, which waiting for a function would.
    while (Number(await page.evaluate("window.pressTimes.length")) < press) await page.waitForTimeout(1);
    // People type at about this pace; without it every press would begin at a frame's beginning.
    await page.waitForTimeout(pauseMs);
  }
  return z.array(z.number()).parse(await page.evaluate("window.pressTimes"));
}
