/** Agents for tests: one of the catalog, ready, changed where the test says. */
import type { AgentView } from "@sam/protocol/agent-api";

export function agentView(changes: Partial<AgentView> = {}): AgentView {
  return {
    agentId: "codex",
    name: "Codex",
    npmPackage: "@agentclientprotocol/codex-acp",
    version: "2.6.0",
    keyName: "OPENAI_API_KEY",
    keyIsSet: true,
    defaultModel: null,
    defaultBaseUrl: null,
    settings: [],
    limits: [],
    lacks: null,
    ...changes,
  };
}
