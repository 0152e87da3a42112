/** Signing in: by the link that the launcher prints, once; without a session every page leads there; and out again. */
import { expect, it } from "vitest";

import type { System } from "../../system/support/system.ts";
import { openContext, phone } from "../support/chromium.ts";
import { drawLink, expectSeen, openPage, originOf } from "../support/person.ts";
import type { Here } from "./here.ts";

/** What Home says first. */
const home = /awaits? you/;
/** Chromium says in its console what the API refused. */
const refused = /status of 401/;
const places = ["/", "/projects", "/nodes", "/agents", "/secrets", "/more", "/tasks/task_01M8A1N4RNAVS1DPAKXV5PAMTK"];

/** @returns the link that `sam up` printed. */
function printedLink({ launcher }: System): string {
  return /http:\/\/127\.0\.0\.1:\d+\/sign-in#[\w-]{43}/.exec(launcher.output())?.[0] ?? "";
}

export function signingIn({ system, browser }: Here): void {
  it("the link that the launcher printed signs in once; a second browser is told so, and how to get a new one", async (test) => {
    const link = printedLink(system());
    const first = await (await openContext(test, browser())).newPage();
    await first.goto(link);
    await expectSeen(first.getByRole("heading", { name: home, level: 1 }));
    expect(first.url(), "the token is not left in the address").toBe(`${originOf(system())}/`);
    await first.goBack();
    expect(first.url()).not.toContain(link.split("#")[1]);

    const second = await (await openContext(test, browser(), { expectedErrors: refused })).newPage();
    await second.goto(link);
    const alert = second.getByRole("alert");
    await expectSeen(alert.getByText("You are not signed in"));
    await expectSeen(alert.getByText(/This link was used already, or is too old\. .*sam open/));
    expect(second.url()).not.toContain("#");
    await second.getByRole("textbox", { name: "Link" }).fill(await drawLink(system()));
    await second.getByRole("button", { name: "Sign in" }).click();
    await expectSeen(second.getByRole("heading", { name: home, level: 1 }));
  });

  it("without a session every page leads to signing in, and shows nothing else", async (test) => {
    const context = await openContext(test, browser(), { viewport: phone, expectedErrors: refused });
    const page = await context.newPage();
    for (const place of places) {
      await page.goto(`${originOf(system())}${place}`);
      await expectSeen(page.getByRole("heading", { name: "Sign in", level: 1 }));
      await expectSeen(page.getByText("It works once, for 15 minutes."));
      expect(await page.getByRole("navigation").count()).toBe(0);
    }
  });

  it("signing out ends this browser's session alone, and what was asked for comes back with the next one", async (test) => {
    const other = await openPage(test, browser(), system());
    const page = await openPage(test, browser(), system(), { path: "/more", expectedErrors: refused });
    await page.getByRole("button", { name: "Sign out" }).click();
    await expectSeen(page.getByRole("heading", { name: "Sign in", level: 1 }));
    await page.goto(`${originOf(system())}/secrets`);
    await expectSeen(page.getByRole("heading", { name: "Sign in", level: 1 }));
    const tab = await page.context().newPage();
    await tab.goto(await drawLink(system()));
    await expectSeen(tab.getByRole("heading", { name: home, level: 1 }));
    await page.bringToFront();
    await expectSeen(page.getByRole("heading", { name: "Secrets", level: 1 }));
    await other.reload();
    await expectSeen(other.getByRole("heading", { name: home, level: 1 }));
  });
}
