import { agentCatalog, type CatalogAgentId } from "@sam/domain/agent-catalog";

import type { AgentModel } from "./agent-adapter.ts";

/** @returns what the catalog says of an agent's model. */
export function catalogModel(agentId: CatalogAgentId): AgentModel {
  const { dialect, defaultBaseUrl, defaultModel, keyName, needsModel } = agentCatalog[agentId];
  return { dialect, defaultBaseUrl, defaultModel, keyName, needsModel };
}
