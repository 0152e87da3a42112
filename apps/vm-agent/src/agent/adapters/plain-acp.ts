/** Any program that speaks the Agent Client Protocol, taken at its word: the runbook agent, and what a machine's own table names. */
import type { AgentAdapter } from "./agent-adapter.ts";
import { runbookFailure } from "./runbook-report.ts";
import { answerReader, cachedAmongInput, responseUsage } from "./usage-readers.ts";

export const plainAcp: AgentAdapter = {
  model: null,
  launch: () => ({ args: [], env: {}, files: [], sessionMeta: null }),
  askingMode: null,
  usesClientFiles: true,
  hiddenOptionIds: [],
  prepareLoad: null,
  clientMeta: null,
  leavesToolsRunning: false,
  refusalEndsTurn: false,
  usage: () =>
    answerReader((response) => {
      const usage = responseUsage(response);
      return usage === null ? null : cachedAmongInput(usage, "turn");
    }),
  reportedFailure: runbookFailure,
};
