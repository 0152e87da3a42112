/** `sam nodes --destroy <id>`: gives a node up, once a person has heard what goes with it. */
import { nodeViewSchema } from "@sam/protocol/node-api";
import { z } from "zod";

import type { CommandContext } from "../command-context.ts";
import { CommandError, type ExitCode, exitCodes } from "../exit-code.ts";
import { printJson } from "../terminal/json-output.ts";
import { isMeant } from "../terminal/yes-question.ts";
import { namedNode } from "./named-node.ts";
import { holdText, nodeLines } from "./nodes-command.ts";

export interface DestroyOptions {
  readonly discardUnsaved?: boolean;
  readonly yes?: boolean;
}

const nothing = "Nothing was changed.";
const oneNodeSchema = z.object({ node: nodeViewSchema });

export async function destroyNodeCommand(
  context: CommandContext,
  id: string,
  { discardUnsaved = false, yes = false }: DestroyOptions,
): Promise<ExitCode> {
  const { api, json, terminal } = context;
  const { nodes } = await api.nodes();
  const node = namedNode(
    nodes.filter(({ final }) => !final),
    id,
  );
  const held = node.holds.filter(({ taskId }) => !node.claims.includes(taskId));
  if (held.length > 0 && !discardUnsaved) {
    const named = held.map(holdText).join("; ");
    throw new CommandError(
      `${node.nodeId} has what is nowhere else: ${named}. ${nothing} To lose it: --discard-unsaved`,
    );
  }
  const losses = [
    `Lost: the machine of ${node.nodeId} with its disk.`,
    ...held.map((hold) => `Lost with it: ${holdText(hold)}.`),
    ...(node.claims.length === 0 ? [] : [`It goes when these have let go: ${node.claims.join(", ")}.`]),
  ];
  if (!yes && !(await isMeant(context, { losses, question: "Give it up?", otherwise: nothing }))) {
    terminal.line(nothing);
    return exitCodes.cancelled;
  }
  const path = `/api/nodes/${node.nodeId}/destroy?discardUnsaved=${discardUnsaved}`;
  const given = (await api.request("POST", path, oneNodeSchema, { body: {} })).node;
  if (json) printJson({ node: given });
  else for (const line of nodeLines(given, terminal.paint, Date.now())) terminal.line(line);
  return exitCodes.completed;
}
