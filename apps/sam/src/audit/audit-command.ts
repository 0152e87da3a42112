/** `sam audit`: what SAM found out about itself in the last days, figure by figure, with those behind each. */
import { auditSchema, type AuditView } from "@sam/protocol/audit-api";

import type { CommandContext } from "../command-context.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { printJson } from "../terminal/json-output.ts";
import { auditLines } from "./audit-lines.ts";

export async function auditCommand(context: CommandContext, { days }: { days: number }): Promise<ExitCode> {
  const audit: AuditView = await context.api.request("GET", `/api/audit?days=${days}`, auditSchema);
  if (context.json) printJson(audit);
  else for (const line of auditLines(audit, context.terminal.paint)) context.terminal.line(line);
  return exitCodes.completed;
}
