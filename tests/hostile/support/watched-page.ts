/**
 * A watched page: a person who is signed in looks at what an agent emitted, and everything that it brought about is kept:
 * a script that ran, a dialog, a breach of the policy, a request that left our origin, a window that opened.
 */
import { signInLinkSchema } from "@sam/protocol/session-api";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { z } from "zod";

import { type ContextOptions, type Finisher, openContext, patienceMs } from "../../browser/support/chromium.ts";
import { until } from "../../system/support/until.ts";
import type { HostileSystem } from "./hostile-system.ts";
import { lookAtRows, openFolded, scrollFeed, type ShownRow, shownRowSchema, watchScripts } from "./in-page.ts";

/** Everything of a conversation is there in few sights. */
const tall = { width: 1280, height: 6_000 } as const;

const traceSchema = z.object({ ran: z.array(z.string()), violations: z.array(z.string()), polluted: z.boolean() });
const sightSchema = z.object({ rows: z.array(shownRowSchema), isAtEnd: z.boolean() });

export class WatchedPage {
  readonly page: Page;
  readonly #origin: string;
  readonly #trespasses: string[];

  constructor(page: Page, origin: string, trespasses: string[]) {
    this.page = page;
    this.#origin = origin;
    this.#trespasses = trespasses;
  }

  /** What must not have come about; each names its case where the case's id stands in it. */
  async trespasses(): Promise<readonly string[]> {
    const { ran, violations, polluted } = traceSchema.parse(await this.page.evaluate("window.hostileFindings()"));
    return [
      ...this.#trespasses,
      ...ran.map((id) => `a script ran: ${id}`),
      ...violations.map((what) => `against the policy: ${what}`),
      ...(polluted ? ["every object of the page has inherited something"] : []),
      ...(this.page.url().startsWith(`${this.#origin}/`) ? [] : [`the page went to ${this.page.url()}`]),
    ];
  }

  /** Goes to a task's page and reads its conversation from the beginning to the end. */
  async read(taskId: string): Promise<readonly ShownRow[]> {
    await this.page.goto(`${this.#origin}/tasks/${taskId}`);
    await this.page.getByRole("feed", { name: "Conversation" }).waitFor();
    await this.page
      .getByRole("group", { name: "SAM: verdicts" })
      .or(this.page.getByRole("group", { name: /^SAM: failed/ }))
      .first()
      .waitFor();
    return this.readThrough();
  }

  async readThrough(): Promise<readonly ShownRow[]> {
    const rows = new Map<string, ShownRow>();
    await until("the conversation is there from its beginning", async () => {
      await this.page.evaluate(scrollFeed(0));
      return (await this.#sight()).rows.some(({ seq }) => seq === 1);
    });
    // Until the part that sets markdown has come, a message is shown as it was written.
    await this.page.locator('[data-author="agent"] .markdown').first().waitFor();
    for (;;) {
      await until("everything in sight is open", async () => (await this.page.evaluate(openFolded)) === 0);
      const sight = await this.#sight();
      for (const row of sight.rows) rows.set(row.id, row);
      if (sight.isAtEnd) return [...rows.values()].toSorted((one, other) => one.seq - other.seq);
      await this.page.evaluate(scrollFeed(1));
    }
  }

  async #sight() {
    return sightSchema.parse(await this.page.evaluate(lookAtRows));
  }
}

/** Opens a browser for the owner, signed in by the page. */
export async function watchPage(
  test: Finisher,
  browser: Browser,
  hostile: HostileSystem,
  options: Pick<ContextOptions, "expectedErrors"> = {},
): Promise<WatchedPage> {
  const context = await openContext(test, browser, { viewport: tall, ...options });
  const trespasses = await keepTrespasses(context, hostile.origin);
  const page = await context.newPage();
  await page.goto(await drawLink(hostile));
  await page.waitForURL(`${hostile.origin}/`);
  return new WatchedPage(page, hostile.origin, trespasses);
}

/** @returns a link that signs in once. */
export async function drawLink({ system, origin }: HostileSystem): Promise<string> {
  const { token } = await system.api.request("POST", "/api/sign-in-links", signInLinkSchema, { body: {} });
  return `${origin}/sign-in#${token}`;
}

async function keepTrespasses(context: BrowserContext, origin: string): Promise<string[]> {
  const trespasses: string[] = [];
  context.setDefaultTimeout(patienceMs);
  await context.addInitScript(watchScripts);
  const isOurs = (url: string) => url.startsWith(`${origin}/`) || url.startsWith(`${origin.replace(/^http/, "ws")}/`);
  context.on("request", (request) => {
    if (!isOurs(request.url()) && !request.url().startsWith("blob:"))
      trespasses.push(`asked for ${request.url().slice(0, 200)}`);
  });
  // Nothing of it may reach a network, also where the page lets it through.
  await context.route(
    (url) => !isOurs(url.href),
    (route) => route.abort(),
  );
  context.on("page", (page) => {
    page.on("dialog", (dialog) => {
      trespasses.push(`a dialog opened: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("popup", (popup) => void trespasses.push(`a window opened: ${popup.url()}`));
    page.on("download", (download) => void trespasses.push(`a download began: ${download.url()}`));
    page.on("websocket", (socket) => {
      if (!isOurs(socket.url())) trespasses.push(`dialled ${socket.url()}`);
    });
  });
  return trespasses;
}
