/** `sam nodes`: the machines, what each is doing, and what it is. */
import type { NodeView } from "@sam/protocol/node-api";

import type { CommandContext } from "../command-context.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { printJson } from "../terminal/json-output.ts";
import { plainLine } from "../terminal/plain-text.ts";
import type { Colour, Paint } from "../terminal/style.ts";
import { ago, duration } from "../terminal/times.ts";

const gibibyte = 1024 ** 3;

export async function nodesCommand(context: CommandContext, options: { readonly all?: boolean }): Promise<ExitCode> {
  const list = await context.api.nodes();
  if (context.json) {
    printJson(list);
    return exitCodes.completed;
  }
  const nowMs = Date.now();
  const shown = list.nodes.filter(({ final }) => options.all === true || !final);
  if (shown.length === 0 && list.unreachable.length === 0)
    context.terminal.line("No node at present. A task brings up its own.");
  for (const node of shown)
    for (const line of nodeLines(node, context.terminal.paint, nowMs)) context.terminal.line(line);
  for (const row of list.unreachable) {
    const { paint } = context.terminal;
    context.terminal.line(
      `${paint("grey", "○")} ${row.nodeId}  unknown since ${ago(row.updatedAt, nowMs)}; it was ${row.state} then`,
    );
  }
  return exitCodes.completed;
}

export function nodeLines(node: NodeView, paint: Paint, nowMs: number): readonly string[] {
  const { sign, colour } = signOf(node);
  const contact = node.lastContactAt === null ? "never heard from" : `heard from ${ago(node.lastContactAt, nowMs)}`;
  const tasks = `${node.claims.length} of ${node.slots} slots used`;
  const lines = [
    `${paint(colour, sign)} ${node.nodeId}  ${node.state} for ${duration(nowMs - node.inStateSince)}; ${tasks}; ${contact}`,
    `  ${plainLine(node.provider)}: ${machineText(node)}`,
  ];
  if (node.isolation !== null) {
    const { processes, limits, reasons } = node.isolation;
    lines.push(
      `  isolation: ${processes}, limits by ${limits}${reasons.length === 0 ? "" : ` (${reasons.map(plainLine).join("; ")})`}`,
    );
  }
  if (node.failure !== null) lines.push(`  ${paint("red", "✗")} ${plainLine(node.failure)}`);
  if (node.deadlineAt !== null && !node.final) {
    const then = node.onDeadline === null ? "" : `; then it ${node.onDeadline}`;
    lines.push(`  waits for ${node.waitsFor ?? "nothing"}; limit in ${duration(node.deadlineAt - nowMs)}${then}`);
  }
  for (const taskId of node.claims) lines.push(`  ${taskId}`);
  return [...lines, ...keptLines(node, paint, nowMs)];
}

/** A node that stays for what it holds says so, and for whom; what its own tasks work at is no news. */
function keptLines({ kept, holds, claims }: NodeView, paint: Paint, nowMs: number): readonly string[] {
  const held = holds.filter(({ taskId }) => !claims.includes(taskId));
  if (held.length === 0) return [];
  const lines = held.map((hold) => `  holds ${holdText(hold)}, since ${ago(hold.since, nowMs)}`);
  if (kept === null) return lines;
  const decide = kept.overdueAt <= nowMs ? "; you have to decide: sam nodes --destroy … --discard-unsaved" : "";
  return [...lines, `${paint("amber", "▲")} kept since ${ago(kept.since, nowMs)}, for what it holds${decide}`];
}

/** What is nowhere else, in words. */
export function holdText({ kind, taskId, what, why }: NodeView["holds"][number]): string {
  const noun = kind === "saved_work" ? "saved work" : "work";
  return `${noun} of ${taskId} (${what}${why === null ? "" : `; not pushed: ${plainLine(why)}`})`;
}

function machineText({ machine }: NodeView): string {
  if (!machine.known) return `${plainLine(machine.machineType)}, exact specs unavailable: ${plainLine(machine.why)}`;
  const { machineType, vcpu, memoryBytes, diskBytes, monthlyPrice, location } = machine;
  const disk = diskBytes === null ? "" : `, ${Math.round(diskBytes / gibibyte)} GiB disk`;
  const price = monthlyPrice === null ? "price unavailable" : `${monthlyPrice.amount} ${monthlyPrice.currency} a month`;
  const memory = (memoryBytes / gibibyte).toFixed(1);
  return `${plainLine(machineType)}, ${vcpu} vCPU, ${memory} GiB RAM${disk}, in ${plainLine(location)}, ${price}`;
}

function signOf(node: NodeView): { sign: string; colour: Colour } {
  if (node.state === "failed") return { sign: "✗", colour: "red" };
  if (node.final) return { sign: "–", colour: "grey" };
  if (node.state === "ready" || node.state === "warm") {
    return node.connected ? { sign: "●", colour: "blue" } : { sign: "○", colour: "grey" };
  }
  return { sign: "●", colour: "blue" };
}
