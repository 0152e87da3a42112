/** What is set up on the page: secrets, which are never shown again; agents; projects; and the machines as they are. */
import { agentListSchema } from "@sam/protocol/agent-api";
import { describe, expect, it } from "vitest";

import { phone } from "../support/chromium.ts";
import { expectGone, expectSeen, hasFocus, openPage } from "../support/person.ts";
import type { Here } from "./here.ts";

/** Chromium says in its console what the API refused. */
const refused = /status of 422/;

export function settingUp({ system, browser }: Here): void {
  it("a secret is set, shown without its value, replaced, and deleted after a question", async (test) => {
    const name = "MY_OWN_KEY";
    const value = "value-of-mine-1234567890";
    const page = await openPage(test, browser(), system(), { viewport: phone, path: "/secrets" });
    const answers: Promise<string>[] = [];
    page.on("response", (response) => {
      if (response.url().includes("/api/")) answers.push(response.text().catch(() => ""));
    });
    await page.getByRole("textbox", { name: "Name" }).fill(name.toLowerCase());
    await page.getByLabel("Value").fill(value);
    await page.getByRole("button", { name: "Set the secret" }).click();
    await expectSeen(page.getByText(`${name} is set; agents started from now on have it.`));
    expect(await page.getByLabel("Value").inputValue()).toBe("");
    const row = page.getByRole("listitem").filter({ hasText: name });
    await expectSeen(row.getByText(/^in the environment of every agent · set/));

    await page.reload();
    await expectSeen(row);
    expect(await page.content()).not.toContain(value);
    for (const answer of await Promise.all(answers)) expect(answer).not.toContain(value);
    await page.getByRole("textbox", { name: "Name" }).fill(name);
    await expectSeen(page.getByRole("button", { name: `Replace ${name}` }));

    const deletes = row.getByRole("button", { name: `Delete ${name}` });
    await deletes.click();
    const dialog = page.getByRole("dialog", { name: `Delete ${name}?` });
    await expectSeen(dialog.getByText(/SAM cannot bring it back\.$/));
    await dialog.getByRole("button", { name: "Keep it" }).click();
    await expectGone(dialog);
    await expectSeen(row);
    await deletes.click();
    await dialog.getByRole("button", { name: "Delete the secret" }).click();
    await expectGone(row);
  });

  it("an agent's model and base URL are set, for all projects; what is wrong is said at its field", async (test) => {
    const agent = "Codex";
    const page = await openPage(test, browser(), system(), { path: "/agents", expectedErrors: refused });
    const card = page.getByRole("article", { name: agent });
    await card.getByText("Model and base URL").click();
    const baseUrl = card.getByRole("textbox", { name: "Base URL" });
    await card.getByRole("textbox", { name: "Model", exact: true }).fill("model-of-mine");
    await baseUrl.fill("not an address");
    await card.getByRole("button", { name: "Save" }).click();
    await expectSeen(card.getByText("Base URL must be an http or https URL"));
    expect(await baseUrl.getAttribute("aria-invalid")).toBe("true");
    expect(await hasFocus(baseUrl)).toBe(true);

    await baseUrl.fill("http://127.0.0.1:9/v1");
    await card.getByRole("button", { name: "Save" }).click();
    await expectSeen(card.getByText(`Saved; ${agent} uses it from its next start on.`));
    await expectSeen(card.getByText("model-of-mine, at http://127.0.0.1:9/v1"));
    const { agents } = await system().api.request("GET", "/api/agents", agentListSchema);
    expect(agents.find(({ name }) => name === agent)?.settings).toMatchObject([
      { projectId: null, model: "model-of-mine", baseUrl: "http://127.0.0.1:9/v1" },
    ]);
  });

  it("a project keeps the defaults of its tasks; an address with a password in it is refused at its field", async (test) => {
    const repository = await system().repository("settled");
    const page = await openPage(test, browser(), system(), {
      viewport: phone,
      path: "/projects",
      expectedErrors: refused,
    });
    const address = page.getByRole("textbox", { name: "Repository" });
    await address.fill("https://me:secret@example.invalid/x.git");
    await page.getByRole("button", { name: "Add the project" }).click();
    await expectSeen(page.getByText(/^Repository holds a password: remove it/));
    expect(await hasFocus(address)).toBe(true);
    await address.fill(repository.path);
    await page.getByRole("button", { name: "Add the project" }).click();

    await page.getByRole("tab", { name: "Settings" }).click();
    const settings = page.getByRole("tabpanel", { name: "Settings" });
    await settings.getByRole("textbox", { name: "Check command" }).fill("make test");
    await settings.getByRole("combobox", { name: "Mode" }).selectOption("Conversation");
    await settings.getByRole("button", { name: "Save the settings" }).click();
    await expectSeen(settings.getByText("Saved; tasks submitted from now on have it."));
    await page.reload();
    await page.getByText("More: check, permissions, mode, branch").click();
    expect(await page.getByRole("textbox", { name: "Check command" }).first().inputValue()).toBe("make test");
    await expectSeen(page.getByRole("tabpanel", { name: "Settings" }));
  });
  describe.concurrent("the machines", () => {
    it("are on their page as the provider's catalog has them, with what runs there; giving one up asks first", async (test) => {
      const { stage } = system();
      stage.shut("machine");
      const repository = await system().repository("machine");
      const prompt = `\`\`\`sh\n${stage.wait("machine")}\n\`\`\``;
      const { taskId, title } = await system().submit({ prompt, repository: { url: repository.path } });
      await system().untilStep(taskId, "running");
      const [node] = (await system().api.nodes()).nodes;
      if (node === undefined) throw new Error("there should be a node");
      const page = await openPage(test, browser(), system(), { path: "/nodes" });
      const card = page.getByRole("article", { name: node.nodeId });
      await expectSeen(card.getByText("ready", { exact: true }));
      const { machine } = node;
      await expectSeen(
        machine.known
          ? card.getByText(new RegExp(`^${machine.machineType} of local, .*: ${machine.vcpu} vCPU, .* RAM, .* disk`))
          : card.getByText(`Exact specs unavailable: ${machine.why}`),
      );
      await expectSeen(card.getByText(/^processes: (bubblewrap|none), limits: \w+/));
      await expectSeen(card.getByRole("link", { name: title }));
      await card.getByRole("button", { name: "Give up…" }).click();
      const dialog = page.getByRole("dialog", { name: "Give up this node?" });
      await expectSeen(dialog.getByText(/and its disk\. Nothing lies on it alone\.$/));
      await page.keyboard.press("Escape");
      await expectGone(dialog);
      stage.open("machine");
      expect((await system().untilFinal(taskId)).step).toBe("completed");
    });
  });
}
