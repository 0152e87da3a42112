/**
 * Nothing is lost, as a person sees it: what was saved of a cancelled task stands in its proof and in the list over all
 * tasks, is thrown away only after a question, and a cancel that can't be proven says by name what force would lose.
 */
import { describe, expect, it } from "vitest";

import { System } from "../system/support/system.ts";
import { screens, shareBrowser } from "./support/chromium.ts";
import { shareInstallation } from "./support/installation.ts";
import { expectGone, expectSeen, openPage } from "./support/person.ts";
import { expectStatus, openProof } from "./support/task-page.ts";

const system = shareInstallation();
const browser = shareBrowser();

/** A task that is cancelled in the middle of its work. */
async function cancelledAtWork(name: string): Promise<{ taskId: string; title: string }> {
  const repository = await system().repository(name);
  const prompt = `${name}\n\n\`\`\`sh\necho kept >kept.txt\nexec sleep 1000\n\`\`\`\n`;
  const { taskId, title } = await system().submit({ prompt, repository: { url: repository.path } });
  const isWorking = () =>
    system()
      .belongings.ofTask(taskId)
      .some(({ command }) => command[0] === "sleep");
  await system().until("the block works", isWorking, { taskId });
  await system().api.cancel(taskId);
  await system().until("its work is saved", async () => (await system().api.task(taskId)).savedWork, { taskId });
  return { taskId, title };
}

describe.concurrent.each(screens)("on $screen", ({ screen, viewport }) => {
  it("saved work is in the proof, with the line that fetches it; it is discarded after a question", async (test) => {
    const { taskId, title } = await cancelledAtWork(`Saved on ${screen}`);
    const page = await openPage(test, browser(), system(), { viewport, path: `/tasks/${taskId}` });
    await expectStatus(page, "cancelled");
    const saved = (await openProof(page)).getByRole("region", { name: "Saved work" });
    await expectSeen(saved.getByText("at the remote", { exact: true }));
    await expectSeen(saved.getByText("1 file (+1 −0), 1 file not committed"));
    await expectSeen(saved.getByText(/^What you say next brings it back/));
    await expectSeen(saved.getByText(`git fetch origin refs/sam/wip/${taskId} && git switch`));

    await page.goto(`${new URL(page.url()).origin}/saved`);
    const row = page.getByRole("article", { name: title });
    await expectSeen(row.getByRole("link", { name: title }));
    await row.getByRole("button", { name: "Discard…" }).click();
    const dialog = page.getByRole("dialog", { name: "Discard the saved work?" });
    await expectSeen(dialog.getByText(`refs/sam/wip/${taskId}`));
    await dialog.getByRole("button", { name: "Keep it" }).click();
    await expectGone(dialog);
    await row.getByRole("button", { name: "Discard…" }).click();
    await dialog.getByRole("button", { name: "Discard it" }).click();
    await expectGone(row);
    expect((await system().api.task(taskId)).savedWork?.isKept).toBe(false);
  });
});

it("a cancel that can't be proven says what force would lose, and ends by it", async (test) => {
  const own = await System.start(test);
  const repository = await own.repository();
  const prompt = "```sh\necho lost >lost.txt\nsleep 1000\n```";
  const { taskId } = await own.submit({ prompt, repository: { url: repository.path } });
  await own.untilStep(taskId, "running");
  const page = await openPage(test, browser(), own, { path: `/tasks/${taskId}` });
  await expectStatus(page, "running");
  await own.freeze("VM agent");
  await own.api.cancel(taskId);
  await expectStatus(page, "cancelling");
  const proof = await openProof(page);
  await proof.getByRole("button", { name: "End it by force…" }).click();
  const dialog = page.getByRole("dialog", { name: "End the cancel by force?" });
  await expectSeen(dialog.getByText(/^Not proven, and not waited for: .*processes gone/));
  await expectSeen(dialog.getByText(/is destroyed with its disk\.$/));
  await dialog.getByRole("button", { name: "End it now" }).click();
  await expectGone(dialog);
  await expectStatus(page, "cancelled, not all proven");
  await expectSeen(proof.getByRole("listitem").filter({ hasText: "work saved: nobody has proven it" }));
  await own.until("its machine is destroyed", async () => (await own.api.task(taskId)).unproven.length === 1);
  expect((await own.api.task(taskId)).unproven).toEqual(["workspace_saved"]);
});
