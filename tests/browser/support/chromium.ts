/**
 * The browser of the page's tests: Debian's Chromium, headless, with a profile of its own. A page that a test opens must
 * stay silent: an error in its console, an exception or a breach of its content policy fails the test.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type BrowserContext, chromium, type ConsoleMessage, type Page } from "playwright-core";

/** Part of a test's context. */
export interface Finisher {
  onTestFinished(fn: () => Promise<void>): void;
}

export const phone = { width: 375, height: 667 } as const;
export const desktop = { width: 1280, height: 800 } as const;

export interface ContextOptions {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: "light" | "dark";
  /** Console errors that the test brings about on purpose, such as a request while the network is cut. */
  readonly expectedErrors?: RegExp;
}

const programs = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const actionTimeoutMs = 15_000;

export function chromiumPath(): string {
  const found = programs.find((path) => existsSync(path));
  if (found === undefined) {
    throw new Error("The page is tested in Chromium, and there is none: apt-get install chromium");
  }
  return found;
}

/** A browser of its own for one test: closed when the test ends, however it ends. */
export async function openBrowser(test: Finisher, options: ContextOptions = {}): Promise<BrowserContext> {
  const profile = mkdtempSync(join(tmpdir(), "sam-chromium-"));
  const { viewport = desktop, colorScheme = "light" } = options;
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath(),
    args: flags,
    viewport,
    colorScheme,
    hasTouch: viewport.width < 600,
    isMobile: viewport.width < 600,
    locale: "en-GB",
    timezoneId: "UTC",
  });
  context.setDefaultTimeout(actionTimeoutMs);
  const complaints: string[] = [];
  const watch = (page: Page) => {
    page.on("console", (message) => {
      if (isComplaint(message) && options.expectedErrors?.test(message.text()) !== true)
        complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(`exception: ${error.message}`));
  };
  for (const page of context.pages()) watch(page);
  context.on("page", watch);
  test.onTestFinished(async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
    if (complaints.length > 0) throw new Error(`the page complained:\n${complaints.join("\n")}`);
  });
  return context;
}

function isComplaint(message: ConsoleMessage): boolean {
  return message.type() === "error" || /Content Security Policy/.test(message.text());
}
