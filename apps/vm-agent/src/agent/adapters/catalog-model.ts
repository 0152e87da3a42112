import { agentCatalog, type CatalogAgentId } from "@sam/domain/agent-catalog";

import type { AgentModel } from "./agent-adapter.ts";

/** @returns what the catalog says of an agent's model. */
export function catalogModel(agentId: CatalogAgentId, more: Pick<AgentModel, "needsModel">): AgentModel {
  const { dialect, defaultBaseUrl, defaultModel, keyName } = agentCatalog[agentId];
  return { dialect, defaultBaseUrl, defaultModel, keyName, ...more };
}
