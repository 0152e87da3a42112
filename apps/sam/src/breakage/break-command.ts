/** `sam break <what>`: says what is done and what SAM promises about it, asks, does it, and shows what became of it. */
import { setTimeout as sleep } from "node:timers/promises";

import {
  type BreakageKind,
  breakageKinds,
  breakages,
  longestBreakageMs,
  proofPatienceMs,
  shortestBreakageMs,
} from "@sam/domain/breakage";
import type { NodeId } from "@sam/domain/ids";
import {
  breakageListSchema,
  breakageViewSchema,
  type BreakageView,
  type BreakRequest,
} from "@sam/protocol/breakage-api";
import { z } from "zod";

import type { ApiClient } from "../client/api-client.ts";
import { ApiError, Unreachable } from "../client/api-error.ts";
import type { CommandContext } from "../command-context.ts";
import { CommandError, type ExitCode, exitCodes, UsageError } from "../exit-code.ts";
import { namedNode } from "../nodes/named-node.ts";
import { printJson } from "../terminal/json-output.ts";
import { plainLine } from "../terminal/plain-text.ts";
import { ask, canAsk } from "../terminal/question.ts";
import type { Paint } from "../terminal/style.ts";
import { duration, timeOfDay } from "../terminal/times.ts";
import type { BreakOptions } from "./break-program.ts";

const path = "/api/breakages";
const lookMs = 500;
const nothing = "Nothing was broken.";
/** Before it breaks, a node and every open task are looked at. */
const breakTimeoutMs = 30_000;

export async function breakCommand(
  context: CommandContext,
  what: string | undefined,
  options: Omit<BreakOptions, "json" | "dataDir">,
): Promise<ExitCode> {
  if (what === undefined) return explainAll(context);
  const kind = kindOf(what);
  const request: BreakRequest = {
    kind,
    nodeId: breakages[kind].ofNode ? await nodeOf(context.api, options.node) : null,
    durationMs: breakDuration(kind, options.for),
  };
  if (options.yes !== true && !(await isWanted(context, request))) {
    context.terminal.line(nothing);
    return exitCodes.cancelled;
  }
  const begun = await begin(context.api, request);
  const settled = await follow(context, begun);
  if (context.json) printJson({ breakage: settled });
  else for (const line of proofLines(settled, context.terminal.paint)) context.terminal.line(line);
  return settled.proofs.every(({ holds }) => holds === true) ? exitCodes.completed : exitCodes.failed;
}

function wordOf(kind: BreakageKind): string {
  return kind.replaceAll("_", "-");
}

function kindOf(what: string): BreakageKind {
  const kind = breakageKinds.find((name) => wordOf(name) === what || name === what);
  if (kind !== undefined) return kind;
  throw new UsageError(`${JSON.stringify(what)} is none of: ${breakageKinds.map(wordOf).join(", ")}. ${nothing}`);
}

/** @param seconds as a person gave them. @returns in milliseconds; null: as long as the table says */
export function breakDuration(kind: BreakageKind, seconds: string | undefined): number | null {
  if (seconds === undefined) return null;
  if (breakages[kind].defaultMs === null) throw new UsageError(`--for: ${wordOf(kind)} does not last. ${nothing}`);
  const durationMs = Math.round(Number(seconds) * 1000);
  if (durationMs >= shortestBreakageMs && durationMs <= longestBreakageMs) return durationMs;
  const span = `${shortestBreakageMs / 1000} to ${longestBreakageMs / 1000}`;
  throw new UsageError(`--for must be a number of seconds, from ${span}; it is ${JSON.stringify(seconds)}. ${nothing}`);
}

function explainAll({ terminal, json }: CommandContext): ExitCode {
  if (json) printJson({ breakages });
  else {
    for (const kind of breakageKinds) {
      terminal.line(terminal.paint("bold", `sam break ${wordOf(kind)}`));
      for (const line of explanation(kind, null)) terminal.line(`  ${line}`);
    }
  }
  return exitCodes.completed;
}

function explanation(kind: BreakageKind, durationMs: number | null): readonly string[] {
  const { does, promises, defaultMs } = breakages[kind];
  const lasts = defaultMs === null ? [] : [`It lasts ${duration(durationMs ?? defaultMs)}, and ends by itself.`];
  return [does, ...lasts, "SAM promises:", ...promises.map((promise) => `  ${promise}`)];
}

async function nodeOf(api: ApiClient, named: string | undefined): Promise<NodeId> {
  const { nodes } = await api.nodes();
  const connected = nodes.filter((node) => node.connected);
  const [only, ...others] = connected;
  if (only === undefined)
    throw new CommandError("No node is connected: there is nothing to break. Submit a task first.");
  if (named !== undefined) return namedNode(connected, named).nodeId;
  if (others.length > 0)
    throw new UsageError(
      `${others.length + 1} nodes are connected. Name one with --node: ${connected.map(({ nodeId }) => nodeId).join(", ")}. ${nothing}`,
    );
  return only.nodeId;
}

async function isWanted({ terminal }: CommandContext, { kind, nodeId, durationMs }: BreakRequest): Promise<boolean> {
  if (!canAsk()) throw new UsageError(`There is nobody to ask here. To do it without a question: --yes. ${nothing}`);
  for (const line of explanation(kind, durationMs ?? null)) terminal.line(line);
  const of = nodeId === null || nodeId === undefined ? "" : ` of ${nodeId}`;
  const answer = await ask(terminal, {
    prompt: `${breakages[kind].title}${of}? [y/N] `,
    signal: new AbortController().signal,
    read: (text) => /^y(es)?$/i.test(text?.trim() ?? ""),
  });
  return answer === true;
}

async function begin(api: ApiClient, body: BreakRequest): Promise<BreakageView> {
  try {
    const schema = z.object({ breakage: breakageViewSchema });
    return (await api.request("POST", path, schema, { body, timeoutMs: breakTimeoutMs })).breakage;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404 || !error.message.startsWith("There is no ")) throw error;
    throw new CommandError("Nothing can be broken here: only a SAM on your own machine lets you.", undefined, {
      cause: error,
    });
  }
}

/** Looks until each promise is decided. The control plane may be what was broken: it is asked again until it answers. */
async function follow({ api, terminal }: CommandContext, begun: BreakageView): Promise<BreakageView> {
  const until = begun.deed.endsAt + 2 * proofPatienceMs;
  let latest = begun;
  while (latest.proofs.some(({ holds }) => holds === null) && Date.now() < until) {
    const open = latest.proofs.filter(({ holds }) => holds === null).length;
    terminal.status(`● ${breakages[latest.deed.kind].title}: ${latest.deed.seen}; ${open} promises to be proven`);
    await sleep(lookMs);
    latest = (await look(api, begun.id)) ?? latest;
  }
  terminal.status(null);
  return latest;
}

async function look(api: ApiClient, id: string): Promise<BreakageView | null> {
  try {
    const { breakages: all } = await api.request("GET", path, breakageListSchema);
    return all.find((breakage) => breakage.id === id) ?? null;
  } catch (error) {
    if (error instanceof Unreachable || (error instanceof ApiError && error.status >= 500)) return null;
    throw error;
  }
}

export function proofLines({ deed, proofs }: BreakageView, paint: Paint): readonly string[] {
  const lines = [`${breakages[deed.kind].title} at ${timeOfDay(deed.startedAt)}: ${plainLine(deed.seen)}.`];
  for (const { promise, holds, evidence, at } of proofs) {
    const sign = holds === true ? paint("green", "✓") : holds === false ? paint("red", "✗") : paint("grey", "○");
    const word = holds === true ? "" : holds === false ? " It did not hold." : " Not proven yet.";
    lines.push(`${sign} ${promise}${word}`, `  ${at === null ? "" : `${timeOfDay(at)}  `}${plainLine(evidence)}`);
  }
  return lines;
}
