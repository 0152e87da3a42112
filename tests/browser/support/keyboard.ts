/** A person with a keyboard alone: they go from one thing to the next, and always see where they are. */
import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";

import type { PageElement } from "./page-element.ts";
import { expectSeen, hasFocus } from "./person.ts";

/** Nobody presses it more often than that. */
const mostSteps = 200;

declare const document: { readonly activeElement: PageElement | null };
declare function getComputedStyle(element: PageElement): {
  readonly outlineStyle: string;
  readonly outlineWidth: string;
};

/** Presses Tab (or Shift+Tab) until the thing has the focus, which is seen at each step. */
export async function tabTo(page: Page, what: Locator, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  await expectSeen(what);
  const passed: string[] = [];
  for (let step = 0; step < mostSteps; step += 1) {
    if (await hasFocus(what)) return;
    await page.keyboard.press(key);
    passed.push(await expectFocusSeen(page));
  }
  throw new Error(`the focus never came to ${String(what)}; it passed ${passed.join(", ")}`);
}

/** What has the focus is marked by a line around it. @returns what it is */
export async function expectFocusSeen(page: Page): Promise<string> {
  const { name, outline } = await page.evaluate(() => {
    const element = document.activeElement;
    if (element === null) return { name: "nothing", outline: "none" };
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const words = element.getAttribute("aria-label") ?? element.innerText.slice(0, 40);
    return { name: `${element.tagName} ${words}`, outline: outlineStyle === "none" ? "none" : outlineWidth };
  });
  // At the end of the page the browser's own bar has it.
  if (!name.startsWith("BODY")) expect(`${name}: ${outline}`).toMatch(/: [1-9][\d.]*px$/);
  return name;
}
