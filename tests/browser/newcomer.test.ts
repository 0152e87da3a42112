/** The first run, on an empty machine: what a newcomer sees in the browser, and the next thing to try beside it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type RunningCommand, startSam } from "../system/support/sam-command.ts";
import { System } from "../system/support/system.ts";
import { openContext, phone, screens, shareBrowser } from "./support/chromium.ts";
import { expectSeen } from "./support/person.ts";
import { closeProof, expectStatus, namesOf, openProof } from "./support/task-page.ts";

const browser = shareBrowser();
const ends: (() => Promise<void>)[] = [];
let start: RunningCommand | null = null;
let system: System | null = null;

beforeAll(async () => {
  const finisher = { onTestFinished: (end: () => Promise<void>) => void ends.unshift(end) };
  system = await System.prepare(finisher);
  start = startSam(finisher, ["start"], system);
  await start.untilPrinted("SAM stays up until Ctrl-C");
});

afterAll(async () => {
  for (const end of ends) await end();
});

/** @returns the link in what a command printed. */
function linkIn(text = ""): string {
  return /http:\S+\/sign-in\S*#[\w-]{43}/.exec(text)?.[0] ?? "";
}

const stepsToTry = [
  "Look at the first task",
  "Give an agent the key of its model",
  "Add a repository of yours",
  "Submit a task to it",
];

it("the link that the first start prints leads to its finished task, with the next thing to try beside it", async (test) => {
  const page = await (await openContext(test, browser())).newPage();
  await page.goto(linkIn(start?.stdout.split("What next:")[1]));
  await expectStatus(page, "completed");
  const proof = await openProof(page);
  await expectSeen(proof.getByRole("region", { name: "The next thing to try" }));
  const verdicts = proof.getByRole("list", { name: "Verdicts" });
  await expectSeen(verdicts.getByRole("listitem", { name: /^pushed: yes/ }));
  expect((await namesOf(verdicts)).slice(0, 4)).toEqual([
    expect.stringMatching(/^ended: yes, /),
    expect.stringMatching(/^produced: yes, 1 commit, /),
    expect.stringMatching(/^checked: yes, /),
    expect.stringMatching(/^pushed: yes, the remote lists /),
  ]);
  await proof.getByRole("button", { name: "Review the diff" }).click();
  const diff = page.getByRole("dialog", { name: "Diff" });
  await expectSeen(diff.getByRole("list", { name: "Changed files" }).getByRole("listitem").first());
  await page.keyboard.press("Escape");
  await expectSeen(proof.getByRole("button", { name: "Copy the command that fetches the branch" }));
});

describe.each(screens)("on $screen", ({ viewport }) => {
  it("Home leads on: to the first task, to an agent's key, to a repository of one's own", async (test) => {
    const page = await (await openContext(test, browser(), { viewport })).newPage();
    await page.goto(linkIn((await system?.sam("open"))?.output));
    await expectSeen(page.getByRole("heading", { name: "Nothing awaits you", level: 1 }));
    const main = page.getByRole("main");
    await expectSeen(main.getByRole("region", { name: "Ended" }).getByRole("listitem"));
    const next = main.getByRole("region", { name: "The next thing to try" });
    await expectSeen(next);
    expect(await next.getByRole("link").allInnerTexts()).toEqual(stepsToTry);

    await next.getByRole("link", { name: "Look at the first task" }).click();
    await expectStatus(page, "completed");
    await expectSeen((await openProof(page)).getByRole("region", { name: "The next thing to try" }));
    await closeProof(page);
    if (viewport === phone) await page.getByRole("link", { name: "Back to Home" }).click();
    else await page.getByRole("link", { name: "Home", exact: true }).click();
    await next.getByRole("link", { name: "Give an agent the key of its model" }).click();
    const codex = page.getByRole("article", { name: "Codex" });
    await expectSeen(codex.getByRole("button", { name: "Set it…" }));
    await expectSeen(codex.getByRole("button", { name: "Check Codex" }));
    await page.goBack();
    await next.getByRole("link", { name: "Add a repository of yours" }).click();
    await expectSeen(page.getByRole("textbox", { name: "Repository" }));
    await expectSeen(page.getByRole("button", { name: "Use the sample repository" }));
  });
});
