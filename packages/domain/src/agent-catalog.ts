/**
 * The coding agents that SAM knows: facts that everyone who names one needs. How each is started, configured and read is
 * its adapter's, in the VM agent. Versions are pinned; what was measured of each is in docs/agents.md.
 */

export const catalogAgentIds = ["claude-code", "codex", "opencode", "gemini", "qwen", "copilot"] as const;
export type CatalogAgentId = (typeof catalogAgentIds)[number];

/** What the usage that an agent reports is of: only figures of turns may be added up. */
export type UsageScope = "turn" | "last_call" | "session";

/** How an agent speaks to a model. */
export type ModelDialect = "anthropic" | "openai_chat" | "openai_responses" | "gemini";

export interface CatalogAgent {
  readonly name: string;
  readonly npmPackage: string;
  /** Exact; the lockfile of its installation pins what it depends on. */
  readonly version: string;
  /** The secret that holds the key of its model. */
  readonly keyName: string;
  readonly dialect: ModelDialect;
  /** Where its model answers unless a setting says otherwise; null: only the agent itself knows. */
  readonly defaultBaseUrl: string | null;
  /** Null: the agent's own choice, unless it needs to be told one. */
  readonly defaultModel: string | null;
  /** It makes no choice of its own: without a model of its settings or its default it cannot be started. */
  readonly needsModel: boolean;
  readonly usageScope: UsageScope;
  /** What it cannot do, or does in another way than one expects; shown where it is chosen. */
  readonly limits: readonly string[];
}

export const agentCatalog: { readonly [Id in CatalogAgentId]: CatalogAgent } = {
  "claude-code": {
    name: "Claude Code",
    npmPackage: "@agentclientprotocol/claude-agent-acp",
    version: "0.101.0",
    keyName: "ANTHROPIC_API_KEY",
    dialect: "anthropic",
    defaultBaseUrl: "https://api.anthropic.com",
    defaultModel: null,
    needsModel: false,
    usageScope: "turn",
    limits: [],
  },
  codex: {
    name: "Codex",
    npmPackage: "@agentclientprotocol/codex-acp",
    version: "2.6.0",
    keyName: "OPENAI_API_KEY",
    dialect: "openai_responses",
    defaultBaseUrl: "https://api.openai.com/v1",
    defaultModel: null,
    needsModel: false,
    usageScope: "turn",
    limits: [
      "A refused permission ends its turn.",
      "A repository's own .codex folder can start servers of tools without asking.",
    ],
  },
  opencode: {
    name: "OpenCode",
    npmPackage: "opencode-ai",
    version: "1.18.33",
    keyName: "OPENAI_API_KEY",
    dialect: "openai_chat",
    defaultBaseUrl: "https://api.openai.com/v1",
    defaultModel: null,
    needsModel: true,
    usageScope: "last_call",
    limits: [
      "It needs a model that you name.",
      "A refused permission ends its turn.",
      "It reports the usage of its last model call only, so a turn's usage is not known.",
      "A repository's own .opencode folder can run plugins without asking.",
    ],
  },
  gemini: {
    name: "Gemini CLI",
    npmPackage: "@google/gemini-cli",
    version: "0.61.0",
    keyName: "GEMINI_API_KEY",
    dialect: "gemini",
    defaultBaseUrl: "https://generativelanguage.googleapis.com",
    defaultModel: "gemini-2.5-pro",
    needsModel: false,
    usageScope: "turn",
    limits: [],
  },
  qwen: {
    name: "Qwen Code",
    npmPackage: "@qwen-code/qwen-code",
    version: "0.24.4",
    keyName: "OPENAI_API_KEY",
    dialect: "openai_chat",
    defaultBaseUrl: "https://dashscope.aliyuncs.com/compatible-mode/v1",
    defaultModel: "qwen3-coder-plus",
    needsModel: true,
    usageScope: "turn",
    limits: ["A refused permission ends its turn."],
  },
  copilot: {
    name: "GitHub Copilot",
    npmPackage: "@github/copilot",
    version: "1.0.102",
    keyName: "COPILOT_PROVIDER_API_KEY",
    dialect: "openai_chat",
    defaultBaseUrl: null,
    defaultModel: null,
    needsModel: true,
    usageScope: "turn",
    limits: [
      "It needs a base URL and a model of yours: SAM does not sign in to GitHub for it.",
      "A refused permission ends its turn.",
      "A repository's own .github/hooks can run commands without asking.",
    ],
  },
};

/** The agent without a model, which needs no key and no installation. */
export const builtInAgentId = "runbook";

export function isCatalogAgent(agentId: string): agentId is CatalogAgentId {
  return Object.hasOwn(agentCatalog, agentId);
}
