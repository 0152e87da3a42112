/**
 * The browser of the page's tests: Debian's Chromium, headless; one for a file, and for each person in it a context of
 * their own, as private as a fresh profile. A page must stay silent: an error in its console, an exception or a breach of
 * its content policy fails the test.
 */
import { existsSync } from "node:fs";

import { type Browser, type BrowserContext, chromium, type ConsoleMessage, type Page } from "playwright-core";
import { afterAll, beforeAll } from "vitest";

/** Part of a test's context. */
export interface Finisher {
  onTestFinished(fn: () => Promise<void>): void;
}

export const phone = { width: 375, height: 667 } as const;
export const desktop = { width: 1280, height: 800 } as const;

/** The sizes that everything is looked at in. */
export const screens = [
  { screen: "a phone", viewport: phone },
  { screen: "a desktop", viewport: desktop },
] as const;

export interface ContextOptions {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: "light" | "dark";
  readonly reducedMotion?: "reduce" | "no-preference";
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
/** A busy machine is slow, and a fact is waited for, not guessed. */
export const patienceMs = 45_000;

export function chromiumPath(): string {
  const found = programs.find((path) => existsSync(path));
  if (found === undefined) {
    throw new Error("The page is tested in Chromium, and there is none: apt-get install chromium");
  }
  return found;
}

/** @returns a way to the browser of a file, which is there from its first test to its last. */
export function shareBrowser(): () => Browser {
  let browser: Browser | null = null;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: chromiumPath(), args: flags });
  });
  afterAll(async () => {
    await browser?.close();
  });
  return () => {
    if (browser === null) throw new Error("the browser has not started");
    return browser;
  };
}

/** A context for one person: closed when the test ends, however it ends. */
export async function openContext(
  test: Finisher,
  browser: Browser,
  options: ContextOptions = {},
): Promise<BrowserContext> {
  const { viewport = desktop, colorScheme = "light", reducedMotion = "no-preference" } = options;
  const isPhone = viewport.width < 600;
  const context = await browser.newContext({
    viewport,
    colorScheme,
    reducedMotion,
    hasTouch: isPhone,
    isMobile: isPhone,
    locale: "en-GB",
    timezoneId: "UTC",
  });
  context.setDefaultTimeout(patienceMs);
  const complaints: string[] = [];
  const note = (text: string) => {
    if (options.expectedErrors?.test(text) !== true) complaints.push(text);
  };
  context.on("page", (page: Page) => {
    page.on("console", (message) => {
      if (isComplaint(message)) note(message.text());
    });
    page.on("pageerror", (error) => note(`exception: ${error.message}`));
  });
  test.onTestFinished(async () => {
    await context.close();
    if (complaints.length > 0) throw new Error(`the page complained:\n${complaints.join("\n")}`);
  });
  return context;
}

function isComplaint(message: ConsoleMessage): boolean {
  return message.type() === "error" || /Content Security Policy/.test(message.text());
}
