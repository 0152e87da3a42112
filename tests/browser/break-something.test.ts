/** Breaking something on the page, on one's own machine: what is promised is said first, asked for, and proven afterwards. */
import { expect, it } from "vitest";

import { untilEnded } from "../system/support/ends.ts";
import { phone, shareBrowser } from "./support/chromium.ts";
import { shareInstallation } from "./support/installation.ts";
import { expectGone, expectSeen, openPage } from "./support/person.ts";

const system = shareInstallation();
const browser = shareBrowser();

it("a VM agent is killed after a question, and the page shows that each promise held, and when", async (test) => {
  const { stage } = system();
  stage.shut("counting");
  const isShut = `[ -e '${stage.gatePath("counting")}' ]`;
  const script = `while ${isShut}; do echo tick; sleep 0.1; done; echo done >done.txt`;
  const repository = { url: (await system().repository("broken")).path };
  const { taskId } = await system().submit({ prompt: `\`\`\`sh\n${script}\n\`\`\``, repository });
  await system().untilStep(taskId, "running");
  const killed = system().processOf("VM agent").pid;
  const page = await openPage(test, browser(), system(), { viewport: phone, path: "/more" });
  await page.getByRole("link", { name: "Break something" }).click();
  const kill = page.getByRole("article", { name: "Kill the VM agent", exact: true });
  await kill.getByRole("button", { name: "Kill the VM agent…" }).click();
  const dialog = page.getByRole("dialog", { name: "Kill the VM agent?" });
  await expectSeen(dialog.getByText("No message is lost, and none comes twice."));
  await dialog.getByRole("button", { name: "Leave it whole" }).click();
  await expectGone(dialog);
  expect(system().processOf("VM agent").pid).toBe(killed);

  await kill.getByRole("button", { name: "Kill the VM agent…" }).click();
  await dialog.getByRole("button", { name: "Kill the VM agent", exact: true }).click();
  await expectGone(dialog);
  const outcome = page.getByRole("article", { name: "Kill the VM agent: what became of it" });
  await expectSeen(outcome.getByText(/^held: epoch 1 before, 2 now$/));
  for (const promise of [/session loaded again, once/, /No message is lost/]) {
    await expectSeen(
      outcome
        .getByRole("listitem")
        .filter({ hasText: promise })
        .getByText(/^held: /),
    );
  }
  expect(system().processOf("VM agent").pid).not.toBe(killed);
  stage.open("counting");
  await untilEnded(system(), taskId, { step: "completed" });
});
