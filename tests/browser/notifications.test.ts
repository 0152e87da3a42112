/** How a person is told that something awaits them: by a page that is open, and by a push while none is. */
import { notificationsSchema, subscriptionSchema } from "@sam/protocol/push-api";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { z } from "zod";

import { PushService } from "../system/support/push-service.ts";
import { phone, shareBrowser } from "./support/chromium.ts";
import { shareInstallation, startTalk } from "./support/installation.ts";
import { expectGone, expectSeen, openPage, originOf } from "./support/person.ts";

const system = shareInstallation();
const browser = shareBrowser();

/** Notes what the page would show, since nobody sees a headless browser's notifications; and looks elsewhere. */
function noteNotifications(): void {
  const shown: string[] = [];
  class Noted {
    static readonly permission = "granted";
    constructor(title: string, options: { readonly body: string }) {
      shown.push(`${title}: ${options.body}`);
    }
    addEventListener(): void {}
  }
  Object.assign(globalThis, { Notification: Noted, shownNotifications: shown });
  Object.defineProperty(Document.prototype, "hasFocus", { value: () => false });
}

declare const shownNotifications: readonly string[];
declare const Document: { readonly prototype: object };

function shownBy(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => shownNotifications);
}

describe("while a page is open", () => {
  it("a browser that was not asked is asked by a press, and by nothing else", async (test) => {
    const page = await openPage(test, browser(), system(), { viewport: phone, path: "/notifications" });
    await expectSeen(page.getByText("This browser was not asked yet.", { exact: false }));
    await page.getByRole("button", { name: "Ask this browser" }).click();
    // Nobody is there to say yes in a headless browser.
    await expectSeen(page.getByText("This browser was told not to show notifications of SAM."));
    await expectSeen(page.getByText("SAM cannot ask again.", { exact: false }));
    await page.context().grantPermissions(["notifications"], { origin: originOf(system()) });
    await page.getByRole("button", { name: "Turn it off here" }).click();
    await page.reload();
    await expectSeen(page.getByRole("button", { name: "Turn it on", exact: true }));
  });

  it("one that begins to await you is told once, with nothing of the task in it; what waited before is not", async (test) => {
    const before = await startTalk(system(), { name: "before", lines: ["ask before.txt hello"] });
    await system().untilStep(before.taskId, "awaiting_input");
    const page = await openPage(test, browser(), system());
    await page.addInitScript(noteNotifications);
    await page.goto(`${originOf(system())}/inbox`);
    await expectSeen(page.getByText("The agent asks to edit a file: Write before.txt"));
    await startTalk(system(), { name: "told", lines: ["ask told.txt hello"] });
    await expectSeen(page.getByText("The agent asks to edit a file: Write told.txt"));
    await page.waitForFunction(() => shownNotifications.length > 0);
    const [text = "", ...others] = await shownBy(page);
    expect(others).toEqual([]);
    expect(text).toMatch(/asks to edit a file: In told\. Open SAM to answer it\.$/);
    expect(text).not.toContain("told.txt");
  });
});

describe("while none is", () => {
  it("a push is signed, encrypted, shown by the service worker, and its receipt says so", async (test) => {
    const service = await PushService.start();
    test.onTestFinished(() => service.stop());
    const { api } = system();
    const answer = z.object({ subscription: subscriptionSchema });
    const body = service.subscription("A test's browser");
    const { subscription } = await api.request("POST", "/api/notifications/subscriptions", answer, { body });
    const { taskId } = await startTalk(system(), { name: "pushed", lines: ["ask pushed.txt hello"] });
    const pushed = () => service.taken.find(({ payload }) => payload.taskId === taskId);
    await system().until("the push", () => pushed() !== undefined, { taskId });
    expect(service.violations).toEqual([]);
    const push = pushed();
    const { publicKey } = await api.request("GET", "/api/notifications", notificationsSchema);
    expect(push?.signedBy).toBe(publicKey);
    expect(JSON.stringify(push?.payload)).not.toContain("pushed.txt");

    const page = await openPage(test, browser(), system(), { path: "/notifications" });
    await page.context().grantPermissions(["notifications"], { origin: originOf(system()) });
    await expectSeen(page.getByText("not shown yet, as far as the browser said"));
    await deliver(page, JSON.stringify(push?.payload));
    await expectSeen(page.getByText(/sent to the push service .* \(201\), shown by the browser/));
    await page.getByRole("button", { name: "Remove", exact: true }).click();
    await expectGone(page.getByText("A test's browser"));
    expect(subscription.service).toBe(new URL(service.origin).host);
  });
});

/** The browser's own push service hands it a push: by the debugger's word, since there is none to be had here. */
async function deliver(page: Page, data: string): Promise<void> {
  await page.evaluate(async () => {
    await navigator.serviceWorker.register("/sw.js", { scope: "/" });
    await navigator.serviceWorker.ready;
  });
  const debuggerSession = await page.context().newCDPSession(page);
  const registered = Promise.withResolvers<string>();
  debuggerSession.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
    for (const { registrationId } of registrations) registered.resolve(registrationId);
  });
  await debuggerSession.send("ServiceWorker.enable");
  const registrationId = await registered.promise;
  const origin = originOf(system());
  await debuggerSession.send("ServiceWorker.deliverPushMessage", { origin, registrationId, data });
}

declare const navigator: {
  readonly serviceWorker: {
    readonly ready: Promise<unknown>;
    register(path: string, options: { readonly scope: string }): Promise<unknown>;
  };
};
