/** An agent as the API shows it, with what a test says of it. */
import { type AgentView, agentViewSchema } from "@sam/protocol/agent-api";

export function someAgent(changes: Partial<AgentView> = {}): AgentView {
  return agentViewSchema.parse({
    agentId: "codex",
    name: "Codex",
    npmPackage: "@agentclientprotocol/codex-acp",
    version: "2.6.0",
    keyName: "OPENAI_API_KEY",
    keyIsSet: true,
    defaultModel: null,
    defaultBaseUrl: "https://api.openai.com/v1",
    settings: [],
    limits: [],
    lacks: null,
    ...changes,
  });
}
