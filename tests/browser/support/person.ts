/** A person at a browser: signed in, and looking at a page. What they see is looked for by its role and its name. */
import { signInLinkSchema } from "@sam/protocol/session-api";
import type { Browser, Locator, Page } from "playwright-core";

import type { System } from "../../system/support/system.ts";
import { until } from "../../system/support/until.ts";
import { type ContextOptions, type Finisher, openContext, patienceMs } from "./chromium.ts";
import type { PageElement } from "./page-element.ts";

export interface PersonOptions extends ContextOptions {
  /** Where they look first. */
  readonly path?: string;
  /** Their way to SAM, where it is not the direct one. */
  readonly port?: number;
}

/** @returns a link that signs in once, as `sam open` prints it; by their way to SAM, where it is not the direct one. */
export async function drawLink(system: System, port?: number): Promise<string> {
  const { token } = await system.api.request("POST", "/api/sign-in-links", signInLinkSchema, { body: {} });
  return `${originOf(system, port)}/sign-in#${token}`;
}

export function originOf(system: System, port?: number): string {
  return port === undefined ? new URL(system.launcher.url).origin : `http://127.0.0.1:${port}`;
}

/** Opens a browser for a person, who signs in by a link and goes where they want to look first. */
export async function openPage(
  test: Finisher,
  browser: Browser,
  system: System,
  options: PersonOptions = {},
): Promise<Page> {
  const { path = "/", port } = options;
  const origin = originOf(system, port);
  const context = await openContext(test, browser, options);
  const page = await context.newPage();
  const link = new URL(await drawLink(system, port));
  // A link leads to a task, where it names one, and to Home otherwise.
  const [, task] = /^\/tasks\/(\w+)$/.exec(path) ?? [];
  if (task !== undefined) link.searchParams.set("task", task);
  await page.goto(link.href);
  await page.waitForURL(task === undefined ? `${origin}/` : `${origin}${path}`);
  if (task === undefined && path !== "/") await page.goto(`${origin}${path}`);
  return page;
}

/** Waits until exactly one thing of this name is in sight. */
export async function expectSeen(what: Locator, timeoutMs = patienceMs): Promise<void> {
  await explained(what, () => what.waitFor({ state: "visible", timeout: timeoutMs }));
}

/** Waits until nothing of this name is in sight. */
export async function expectGone(what: Locator, timeoutMs = patienceMs): Promise<void> {
  await explained(what, () => what.first().waitFor({ state: "hidden", timeout: timeoutMs }));
}

/** Waits until the tab is called so: what is counted in its title comes by a request of its own. */
export async function expectTitle(page: Page, title: RegExp): Promise<void> {
  await until(`a title like ${title.source}`, async () => title.test(await page.title()), {
    timeoutMs: patienceMs,
    report: () => page.title(),
  });
}

/** @returns whether what is typed now goes there. */
export function hasFocus(what: Locator): Promise<boolean> {
  return what.evaluate((element: PageElement) => element === element.ownerDocument.activeElement);
}

/** Adds what the page shows instead to an error. */
async function explained(what: Locator, wait: () => Promise<void>): Promise<void> {
  try {
    await wait();
  } catch (error) {
    const shown = await what
      .page()
      .locator("body")
      .ariaSnapshot({ timeout: 5_000 })
      .catch((why: unknown) => String(why));
    if (error instanceof Error) error.message += `\n\n${what.page().url()} shows:\n${shown}`;
    throw error;
  }
}
