/** How every page looks, in all its states: legible in light and dark, no wider than the screen, for fingers, and still. */
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";

import { lowContrasts, moving, sideways, smallTargets } from "./support/appearance.ts";
import { phone, screens, shareBrowser } from "./support/chromium.ts";
import { untilStill } from "./support/conversation-rows.ts";
import { shareInstallation, startTalk, talking } from "./support/installation.ts";
import { expectGone, expectSeen, openPage, originOf } from "./support/person.ts";
import { conversation, expectStatus, question } from "./support/task-page.ts";

const system = shareInstallation();
const browser = shareBrowser();

/** Of one task in each state that looks its own way. */
interface Tasks {
  readonly project: string;
  readonly asks: string;
  readonly runs: string;
  readonly proven: string;
  readonly failed: string;
  readonly cancelled: string;
}
let tasks: Tasks | null = null;

const markdown = [
  "markdown ## A heading\\n\\nSome `code`, a [link](https://example.invalid/x), **strong** words.\\n\\n",
  "markdown - one\\n- two\\n\\n> quoted\\n\\n| a | b |\\n|---|---|\\n| 1 | 2 |\\n",
  `markdown \`\`\`ts\\nconst long = "${"x".repeat(200)}";\\n\`\`\`\\n`,
];

beforeAll(async () => {
  const { stage } = system();
  stage.shut("runs");
  const repository = await system().repository("a-project-with-quite-a-long-name", {
    "README.md": "# A project\n",
    "main.ts": 'export function main(): string {\n  // A comment.\n  return "one";\n}\n',
  });
  const submit = (prompt: string, more = {}) =>
    system().submit({ prompt, repository: { url: repository.path }, ...more });
  const [asks, runs, proven, failed, cancelled] = await Promise.all([
    startTalk(system(), { name: "asks", lines: [...markdown, "run 2", "ask a.txt hello"] }),
    submit(`say 3\nwait ${stage.gatePath("runs")}`, { agentId: talking }),
    submit("Say two.\n\n```sh\nsed -i 's/one/two/' main.ts && echo new >new.txt\n```", { checkCommand: "cat main.ts" }),
    system().submit({ prompt: "Nothing.", repository: { url: `${repository.path}-is-not-there` } }),
    submit("```sh\nsleep 1000\n```"),
  ]);
  await system().api.cancel(cancelled.taskId);
  await system().untilStep(asks.taskId, "awaiting_input", 60_000);
  for (const { taskId } of [proven, failed, cancelled]) await system().untilFinal(taskId, 60_000);
  await system().sam("secrets", "set", "MY_KEY", "--json");
  const of = ({ taskId }: { readonly taskId: string }) => `/tasks/${taskId}`;
  tasks = {
    project: `/projects/${proven.projectId}`,
    asks: of(asks),
    runs: of(runs),
    proven: of(proven),
    failed: of(failed),
    cancelled: of(cancelled),
  };
});

/** Each state of each page: where it is, and what is in sight once it is there. */
function states({ project, asks, runs, proven, failed, cancelled }: Tasks) {
  const heading = (name: string) => (page: Page) => expectSeen(page.getByRole("heading", { name, level: 1 }));
  return [
    ["/", (page: Page) => expectSeen(page.getByText("The agent asks to edit a file: Write a.txt"))],
    ["/inbox", (page: Page) => expectSeen(page.getByText("The agent asks to edit a file: Write a.txt"))],
    ["/notifications", heading("Notifications")],
    ["/projects", heading("Projects")],
    [project, openMore],
    [`${project}?view=settings`, (page: Page) => expectSeen(page.getByRole("button", { name: "Save the settings" }))],
    [asks, (page: Page) => expectSeen(question(page))],
    [runs, (page: Page) => expectStatus(page, "running")],
    [`${proven}?show=proof`, (page: Page) => expectSeen(page.getByRole("list", { name: "Verdicts" }).last())],
    [`${proven}?show=diff`, openDiff],
    [
      failed,
      (page: Page) => expectSeen(conversation(page).getByRole("group", { name: "SAM: failed: repository not found" })),
    ],
    [`${cancelled}?show=proof`, (page: Page) => expectSeen(page.getByRole("list", { name: "Receipt" }))],
    ["/nodes", (page: Page) => expectSeen(page.getByRole("article").first())],
    ["/agents", openSettings],
    ["/secrets", heading("Secrets")],
    ["/audit", heading("Audit")],
    [`${asks}?asOf=${Date.now()}`, openPast],
    ["/more", (page: Page) => expectSeen(page.getByText("Last sweep"))],
    ["/break", (page: Page) => expectSeen(page.getByRole("button", { name: "Stall the provider…" }))],
    ["/sign-in", heading("Sign in to SAM")],
    ["/nowhere", heading("There is nothing here")],
  ] as const;
}

async function openMore(page: Page): Promise<void> {
  await page.getByText("More: check, permissions, mode, branch").click();
  await expectSeen(page.getByRole("textbox", { name: "Check command" }));
}

/** Set with its colours, and not as the text that stands there before. */
async function openDiff(page: Page): Promise<void> {
  const diff = page.getByRole("dialog", { name: "Diff" });
  await expectSeen(diff.getByRole("button", { name: /new\.txt/, expanded: true }));
  await expectSeen(diff.getByText("return").first());
  await expectGone(diff.getByText("diff --git").first());
}

async function openPast(page: Page): Promise<void> {
  await expectSeen(page.getByRole("region", { name: "The moment that is shown" }));
}

async function openSettings(page: Page): Promise<void> {
  await page.getByRole("article", { name: "Codex" }).getByText("Model and base URL").click();
  await expectSeen(page.getByRole("button", { name: "Save" }));
}

describe.concurrent.each(screens)("on $screen", ({ viewport }) => {
  it("every page can be read in light and dark, fits the screen, and is made for fingers where there are some", async (test) => {
    if (tasks === null) throw new Error("there should be tasks");
    const page = await openPage(test, browser(), system(), { viewport });
    const faults: Record<string, readonly string[]> = {};
    for (const [path, isThere] of states(tasks)) {
      await page.goto(`${originOf(system())}${path}`);
      await isThere(page);
      const found = [...(await sideways(page)), ...(viewport === phone ? await smallTargets(page) : [])];
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        found.push(...(await lowContrasts(page)).map((fault) => `${colorScheme}: ${fault}`));
      }
      if (found.length > 0) faults[path] = found;
    }
    expect(faults).toEqual({});
  });
});

it("nothing moves for those who do not want it to", async (test) => {
  if (tasks === null) throw new Error("there should be tasks");
  const page = await openPage(test, browser(), system(), { reducedMotion: "reduce", path: tasks.runs });
  await expectStatus(page, "running");
  await untilStill(conversation(page));
  expect(await moving(page)).toEqual([]);
  await page.getByRole("button", { name: "Cancel", exact: true }).click();
  await expectSeen(page.getByRole("dialog"));
  expect(await moving(page)).toEqual([]);
});
