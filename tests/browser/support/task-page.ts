/** The page of a task, as one reads it on a phone or a desktop. */
import type { Locator, Page } from "playwright-core";

import { expectSeen } from "./person.ts";

export function conversation(page: Page): Locator {
  return page.getByRole("feed", { name: "Conversation" });
}

/** What stands at the thumb while the agent asks. */
export function question(page: Page): Locator {
  return page.getByRole("region", { name: "The agent asks for permission" });
}

/** Waits for the status that the page claims. */
export async function expectStatus(page: Page, word: string): Promise<void> {
  await expectSeen(page.getByRole("button", { name: `Status: ${word}. Show the proof`, exact: true }));
}

/** @returns the proof: beside the conversation on a desktop; on a phone the sheet that the status opens. */
export async function openProof(page: Page): Promise<Locator> {
  const isPhone = (page.viewportSize()?.width ?? 0) < 600;
  if (isPhone) await page.getByRole("button", { name: /^Status: .* Show the proof$/ }).click();
  const proof = isPhone
    ? page.getByRole("dialog", { name: "Proof" })
    : page.getByRole("complementary", { name: "Proof" });
  await expectSeen(proof);
  return proof;
}

/** Closes what stands in front of the conversation on a phone; on a desktop nothing does. */
export async function closeProof(page: Page): Promise<void> {
  const sheet = page.getByRole("dialog", { name: "Proof" });
  if (!(await sheet.isVisible())) return;
  await sheet.getByRole("button", { name: "Close" }).click();
  await sheet.waitFor({ state: "detached" });
}

/** @returns the names of the list's items, as they are read aloud. */
export async function namesOf(list: Locator): Promise<readonly string[]> {
  const items = await list.getByRole("listitem").all();
  return Promise.all(items.map(async (item) => (await item.getAttribute("aria-label")) ?? (await item.innerText())));
}
