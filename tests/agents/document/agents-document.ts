/** docs/agents.md, made of the catalog and of what the runs of the agents' scenarios showed. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { agentCatalog, catalogAgentIds, type CatalogAgentId, type UsageScope } from "@sam/domain/agent-catalog";
import type { TurnUsage } from "@sam/domain/usage";
import { z } from "zod";

import { firstScenario, furtherScenarios } from "../scenarios/scenario-table.ts";
import { readRecord, type AgentRecord } from "./agent-record.ts";
import { cellOf } from "./outcome-words.ts";

const path = fileURLToPath(new URL("../../../docs/agents.md", import.meta.url));
const scenarios = [firstScenario, ...furtherScenarios];

const scopes: { readonly [Scope in UsageScope]: string } = {
  turn: "of the turn",
  last_call: "of the turn's last model call only",
  session: "of the whole session so far",
};

export function writeDocument(): void {
  writeFileSync(path, agentsDocument());
}

/** @returns the whole document, as it is to stand in docs/agents.md. */
export function agentsDocument(): string {
  const records = catalogAgentIds.flatMap((agentId) => readRecord(agentId) ?? []);
  return `${[
    "# The agents",
    "This file is made by `SAM_WRITE_DOCS=1 npm run test:agents`, which installs each agent, starts the whole of SAM and " +
      "plays every scenario with the real agent against a scripted model server on loopback. `npm run test:agents` fails " +
      "where an agent ends otherwise than it stands here.",
    "## What each ended as",
    "Green is work with evidence: the turn ended, something was produced, the check passed or there is none, and the " +
      "remote lists the commit. Red is a failure, and nothing of it was delivered. Amber is everything between.",
    table(
      ["the agent", ...records.map(({ agentId }) => agentCatalog[agentId].name)],
      scenarios.map(({ id, title }) => [title, ...records.map(({ outcomes }) => cellOf(outcomes[id]))]),
    ),
    "## What each row rests on",
    "Of every row: the task ended as it stands there; a green branch is what the remote lists, a red one is not there; each " +
      "line of the receipt is proven once; no process is left; each message is there once and in order; and no message holds " +
      "a key or a secret.",
    table(
      ["the agent", "what happens, and what is proven"],
      scenarios.map(({ title, proves }) => [title, proves]),
    ),
    "## Each agent",
    ...records.flatMap(agentSection),
  ].join("\n\n")}\n`;
}

function agentSection({ agentId, installedMegabytes, outcomes }: AgentRecord): readonly string[] {
  const { name, version, limits, keyName, dialect } = agentCatalog[agentId];
  return [
    `### ${name}`,
    list([
      `\`${agentId}\`: \`${installedPackage(agentId)}\` ${version}, some ${installedMegabytes} MB when installed on Linux x64.`,
      `Its model's key is the secret \`${keyName}\`; it speaks ${dialects[dialect]}.`,
      `Its usage is ${usageWords(outcomes.changes.usage)}.`,
      ...scenarios.flatMap(({ id }) => outcomes[id].seen ?? []),
      ...limits.map((limit) => `Limit: ${limit}`),
    ]),
  ];
}

/** @returns what the agent's own manifest has installed. */
function installedPackage(agentId: CatalogAgentId): string {
  const manifest = new URL(`../../../apps/vm-agent/agents/${agentId}/package.json`, import.meta.url);
  const { dependencies } = manifestSchema.parse(JSON.parse(readFileSync(manifest, "utf8")));
  return Object.keys(dependencies).join(", ");
}

const manifestSchema = z.object({ dependencies: z.record(z.string(), z.string()) });

const dialects: { readonly [Dialect in (typeof agentCatalog)[CatalogAgentId]["dialect"]]: string } = {
  anthropic: "Anthropic's messages",
  openai_chat: "OpenAI's chat completions",
  openai_responses: "OpenAI's responses",
  gemini: "Gemini's own API",
};

function usageWords(usage: TurnUsage | null): string {
  if (usage === null) return "not reported";
  const { scope, inputTokens, outputTokens, cachedInputTokens } = usage;
  const cached = cachedInputTokens === null ? "what was cached is not told" : `${cachedInputTokens} of it cached`;
  return `${scopes[scope]}: ${inputTokens} tokens in (${cached}) and ${outputTokens} out for the repository that it changed`;
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join("\n");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
