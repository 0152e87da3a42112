/** A task, from the box on its project's page to its proof: watched live, on a phone and on a desktop. */
import { describe, expect, it } from "vitest";

import { phone, screens } from "../support/chromium.ts";
import { numbersIn } from "../support/conversation-rows.ts";
import { talking } from "../support/installation.ts";
import { expectGone, expectSeen, expectTitle, openPage } from "../support/person.ts";
import { conversation, expectStatus, namesOf, openProof } from "../support/task-page.ts";
import type { Here } from "./here.ts";

export function watching({ system, browser }: Here): void {
  describe.concurrent.each(screens)("on $screen", ({ screen, viewport }) => {
    const name = `watched-on-${screen.replaceAll(" ", "-")}`;

    it("a task is submitted on a project's page and watched to its end, with its four verdicts, its diff and its steps", async (test) => {
      const { stage } = system();
      const repository = await system().repository(name);
      const page = await openPage(test, browser(), system(), { viewport, path: "/projects" });
      await page.getByRole("textbox", { name: "Repository" }).fill(repository.path);
      await page.getByRole("button", { name: "Add the project" }).click();
      await expectSeen(page.getByRole("heading", { name, level: 1 }));

      stage.shut(name);
      await page
        .getByRole("textbox", { name: "What is to be done?" })
        .fill(`Greet the world.\n\n\`\`\`sh\necho "it begins"\n${stage.wait(name)}\necho hello >hello.txt\n\`\`\`\n`);
      await page.getByText("More: check, permissions, mode, branch").click();
      await page.getByRole("textbox", { name: "Check command" }).fill("grep hello hello.txt");
      await page.getByRole("button", { name: "Submit the task" }).click();

      await expectStatus(page, "running");
      await expectTitle(page, /^(?:\(\d+\) )?◐ running: Greet the world\. · SAM$/);
      const call = conversation(page).getByRole("button", { name: /^Tool call: .*, running$/ });
      await call.click();
      await expectSeen(conversation(page).getByRole("region", { name: "What it printed" }).getByText("it begins"));
      stage.open(name);
      await expectStatus(page, "completed");
      await expectSeen(conversation(page).getByRole("group", { name: "SAM: verdicts" }));

      const proof = await openProof(page);
      const verdicts = proof.getByRole("list", { name: "Verdicts" });
      const { branch } = await latestTask();
      const commit = (await repository.head(branch)).slice(0, 10);
      await expectSeen(verdicts.getByRole("listitem", { name: /^pushed: yes/ }));
      expect((await namesOf(verdicts)).slice(0, 4)).toEqual([
        expect.stringMatching(/^ended: yes, /),
        `produced: yes, 1 commit, 1 file, +1 −0, up to ${commit}`,
        expect.stringMatching(/^checked: yes, grep hello hello\.txt passed after .* \(exit code 0\)$/),
        `pushed: yes, the remote lists ${commit} under refs/heads/${branch}`,
      ]);
      const steps = await proof.getByRole("list", { name: "Steps" }).getByRole("button").allInnerTexts();
      expect(steps.map((step) => step.split("\n")[0])).toEqual(
        expect.arrayContaining([
          "node selection",
          "workspace creation",
          "agent session",
          "running",
          "delivery",
          "completed",
        ]),
      );
      await proof.getByRole("button", { name: "Review the diff" }).click();
      const diff = page.getByRole("dialog", { name: "Diff" });
      await expectSeen(diff.getByRole("button", { name: /hello\.txt/, expanded: true }));
      await expectSeen(diff.getByText("hello", { exact: true }));
      await diff.getByRole("button", { name: "Close" }).click();
      await expectGone(diff);
    });

    async function latestTask() {
      const { tasks } = await system().api.tasks();
      const row = tasks.find(({ repositoryUrl }) => repositoryUrl.endsWith(`/${name}.git`));
      return system().api.task(row?.taskId ?? "");
    }
  });

  it("what an agent says is there while it says it", async (test) => {
    const { stage } = system();
    const gate = "live";
    stage.shut(gate);
    const repository = await system().repository("live");
    const { taskId } = await system().submit({
      prompt: `say 3\nwait ${stage.gatePath(gate)}\njoin 3\nrun 1\nmarkdown **done**`,
      repository: { url: repository.path },
      agentId: talking,
    });
    const page = await openPage(test, browser(), system(), { viewport: phone, path: `/tasks/${taskId}` });
    await expectSeen(conversation(page).getByText("tick 3", { exact: true }));
    expect(numbersIn(await conversation(page).innerText())).toEqual([1, 2, 3]);
    stage.open(gate);
    await expectSeen(conversation(page).getByText("tick 4, tick 5, tick 6,"));
    await expectSeen(conversation(page).getByRole("button", { name: /^Tool call: tick 7, completed/ }));
    await expectSeen(conversation(page).getByRole("strong").getByText("done"));
    await expectStatus(page, "completed, nothing produced");
  });
}
