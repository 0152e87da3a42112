/** What an agent is called: by the catalog, else by its own id. */
import { agentCatalog, builtInAgentId, isCatalogAgent } from "@sam/domain/agent-catalog";

export function agentName(agentId: string): string {
  if (agentId === builtInAgentId) return "Runbook";
  return isCatalogAgent(agentId) ? agentCatalog[agentId].name : agentId;
}
