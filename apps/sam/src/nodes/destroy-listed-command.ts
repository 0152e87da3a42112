/** `sam ledger --destroy <kind/id>`: has something that is ours and no node's destroyed, once a person has heard what goes with it. */
import { type LedgerEntryView, ledgerSchema, listedKindSchema, oneLedgerEntrySchema } from "@sam/protocol/ledger-api";

import type { CommandContext } from "../command-context.ts";
import { CommandError, type ExitCode, exitCodes, UsageError } from "../exit-code.ts";
import { printJson } from "../terminal/json-output.ts";
import { plainLine } from "../terminal/plain-text.ts";
import { isMeant } from "../terminal/yes-question.ts";

const nothing = "Nothing was destroyed.";

/** @param named such as `server/srv_1`. @param isSaid whether it was said with `--yes` that it is meant. */
export async function destroyListedCommand(context: CommandContext, named: string, isSaid: boolean): Promise<ExitCode> {
  const { api, terminal, json } = context;
  const { kind, id } = thingOf(named);
  const { entries } = await api.request("GET", "/api/ledger", ledgerSchema);
  const listed = entries.find((one) => one.kind === kind && one.id === id);
  if (listed === undefined) throw new CommandError(`The ledger has no ${named} of yours. See it with: sam ledger`);
  if (!listed.mayDestroy) throw new CommandError(`${named} is not touched: ${plainLine(listed.why)}. ${nothing}`);
  const question = { losses: lossesOf(listed), question: "Destroy it now?", otherwise: nothing };
  if (!isSaid && !(await isMeant(context, question))) {
    terminal.line(nothing);
    return exitCodes.cancelled;
  }
  const path = `/api/ledger/${kind}/${encodeURIComponent(id)}/destroy`;
  const { entry } = await api.request("POST", path, oneLedgerEntrySchema);
  if (json) printJson(entry);
  else if (entry.lastError === null) {
    terminal.line(`The destruction of ${named} is asked for. It is gone when two listings do not have it any more.`);
  } else terminal.line(`${named} could not be destroyed, and is tried again: ${plainLine(entry.lastError)}`);
  return entry.lastError === null ? exitCodes.completed : exitCodes.failed;
}

function thingOf(named: string): Pick<LedgerEntryView, "kind" | "id"> {
  const at = named.indexOf("/");
  const kind = listedKindSchema.safeParse(named.slice(0, at)).data;
  const id = named.slice(at + 1);
  if (kind !== undefined && id !== "") return { kind, id };
  throw new UsageError(
    `--destroy ${named} names nothing of the ledger: write it as \`sam ledger\` does, such as server/srv_1. ${nothing}`,
  );
}

/** @returns what goes with it, in sentences. */
function lossesOf({ kind, id, verdict }: LedgerEntryView): readonly string[] {
  const alone = "Lost with it: work that is saved nowhere else (workspaces that stand, and refs/sam/wip).";
  return [`Lost: the ${kind} ${plainLine(id)} and everything on it.`, ...(verdict === "kept" ? [alone] : [])];
}
