/** Which adapter is whose. */
import type { CatalogAgentId } from "@sam/domain/agent-catalog";

import type { AgentAdapter } from "./agent-adapter.ts";
import { claudeCode } from "./claude-code.ts";
import { codex } from "./codex.ts";
import { copilot } from "./copilot.ts";
import { gemini } from "./gemini.ts";
import { opencode } from "./opencode.ts";
import { qwen } from "./qwen.ts";

export const adapters: { readonly [Id in CatalogAgentId]: AgentAdapter } = {
  "claude-code": claudeCode,
  codex,
  opencode,
  gemini,
  qwen,
  copilot,
};
