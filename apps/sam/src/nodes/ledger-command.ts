/** `sam ledger`: what the provider lists, held against our nodes; and what is done about it when. */
import { type LedgerEntryView, ledgerSchema, type LedgerView } from "@sam/protocol/ledger-api";

import type { CommandContext } from "../command-context.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { printJson } from "../terminal/json-output.ts";
import { plainLine } from "../terminal/plain-text.ts";
import type { Colour, Paint } from "../terminal/style.ts";
import { ago, duration } from "../terminal/times.ts";

export async function ledgerCommand({ api, terminal, json }: CommandContext): Promise<ExitCode> {
  const ledger = await api.request("GET", "/api/ledger", ledgerSchema);
  if (json) printJson(ledger);
  else for (const line of ledgerLines(ledger, terminal.paint, Date.now())) terminal.line(line);
  return exitCodes.completed;
}

export function ledgerLines(ledger: LedgerView, paint: Paint, nowMs: number): readonly string[] {
  const { provider, listedAt, failing, entries, ofOthers, unlisted, pollMs } = ledger;
  const listed = listedAt === null ? "was not listed yet" : `was listed ${ago(listedAt, nowMs)}`;
  const others = ofOthers === 0 ? "" : `, and ${ofOthers} of other owners`;
  const lines = [
    `${plainLine(provider)} ${listed}, every ${duration(pollMs)}: ${entries.length} ${entries.length === 1 ? "thing" : "things"}${others}`,
  ];
  if (failing !== null) {
    const since = ago(failing.since, nowMs);
    lines.push(`${paint("grey", "○")} unknown since ${since}: ${plainLine(failing.detail)}; asked again every minute`);
  }
  for (const { nodeId, since } of unlisted) {
    lines.push(
      `${paint("amber", "▲")} ${nodeId}  its server is not listed since ${ago(since, nowMs)}; its node asks for it`,
    );
  }
  return [...lines, ...entries.flatMap((entry) => entryLines(entry, paint, nowMs))];
}

const signs: Readonly<Record<LedgerEntryView["verdict"], readonly [sign: string, colour: Colour]>> = {
  owned: ["●", "blue"],
  unowned: ["✗", "red"],
  kept: ["▲", "amber"],
  undecided: ["○", "grey"],
  foreign: ["✗", "red"],
  untagged: ["✗", "red"],
};

function entryLines(entry: LedgerEntryView, paint: Paint, nowMs: number): readonly string[] {
  const [sign, colour] = signs[entry.verdict];
  const status = entry.status === null ? "" : `, ${plainLine(entry.status)}`;
  const age = entry.createdAt === null ? "" : `, made ${ago(entry.createdAt, nowMs)}`;
  const lines = [
    `${paint(colour, sign)} ${entry.kind}/${plainLine(entry.id)}  ${plainLine(entry.name)}${status}${age}`,
    `  ${plainLine(entry.why)}; ${nextOf(entry, nowMs)}`,
  ];
  if (entry.lastError !== null) {
    lines.push(`  ${paint("red", "✗")} tried ${entry.tries} times: ${plainLine(entry.lastError)}`);
  }
  return lines;
}

/** What happens next. */
function nextOf(entry: LedgerEntryView, nowMs: number): string {
  if (entry.missingSince !== null) return `not listed since ${ago(entry.missingSince, nowMs)}`;
  const { verdict, attachedTo } = entry;
  if (attachedTo !== null && (verdict === "unowned" || verdict === "kept")) return "goes with its server";
  switch (verdict) {
    case "owned":
      return "goes with its node";
    case "undecided":
      return "looked at again with the next listing";
    case "foreign":
    case "untagged":
      return "not ours, never touched";
    case "kept":
      return `kept until you say so: sam ledger --destroy ${entry.kind}/${plainLine(entry.id)}`;
    case "unowned":
      return entry.destroyAt === null || entry.destroyAt <= nowMs
        ? "destroyed with the next listing"
        : `destroyed in ${duration(entry.destroyAt - nowMs)}`;
  }
}
