/** `sam inbox`: what awaits its person, once or for as long as they watch. */
import { setTimeout as sleep } from "node:timers/promises";

import type { Inbox } from "@sam/protocol/inbox-api";

import { Unreachable } from "../client/api-error.ts";
import type { CommandContext } from "../command-context.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { watchInterrupts } from "../task/interrupt.ts";
import { printJson } from "../terminal/json-output.ts";
import { timeOfDay } from "../terminal/times.ts";
import { inboxLines } from "./inbox-view.ts";

export interface InboxOptions {
  readonly watch?: boolean;
}

const lookMs = 2_000;

export async function inboxCommand(context: CommandContext, options: InboxOptions): Promise<ExitCode> {
  if (options.watch === true) return watch(context);
  show(context, await context.api.inbox());
  return exitCodes.completed;
}

function show({ json, terminal }: CommandContext, inbox: Inbox): void {
  if (json) printJson(inbox);
  else for (const line of inboxLines(inbox, terminal.paint, Date.now())) terminal.line(line);
}

/** Until Ctrl-C. While nothing answers it says since when, and what is shown stays. */
async function watch(context: CommandContext): Promise<ExitCode> {
  const left = new AbortController();
  const interrupts = watchInterrupts(context.terminal, false, {
    onQuestion: () => undefined,
    onChoice: () => left.abort(),
  });
  try {
    await lookAgain(context, left.signal);
  } finally {
    interrupts.stop();
    context.terminal.status(null);
  }
  return exitCodes.cancelled;
}

async function lookAgain(context: CommandContext, signal: AbortSignal): Promise<void> {
  let shown: string | null = null;
  let lostAt: number | null = null;
  while (!signal.aborted) {
    try {
      const inbox = await context.api.inbox();
      lostAt = null;
      const key = keyOf(inbox);
      if (key !== shown) show(context, inbox);
      shown = key;
      context.terminal.status(`● looked at ${timeOfDay(Date.now())}; Ctrl-C ends the watching`);
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      lostAt ??= Date.now();
      context.terminal.status(`○ unknown since ${timeOfDay(lostAt)}: no contact`);
    }
    await sleep(lookMs, undefined, { signal }).catch(() => undefined);
  }
}

/** The same where the same tasks wait for the same things. */
function keyOf({ items, total }: Inbox): string {
  const waits = items.map(({ task, since, waitsFor, wait }) => [
    task.taskId,
    since,
    waitsFor,
    wait?.permission?.requestId ?? null,
  ]);
  return JSON.stringify([total, waits]);
}
