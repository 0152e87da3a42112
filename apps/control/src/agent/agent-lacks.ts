/** What stands in the way of a turn, as far as the control plane can know without taking one. */
import type { CatalogAgent } from "@sam/domain/agent-catalog";

import type { EffectiveSettings } from "./agent-settings.ts";

/** @returns what to set, as sentences; null where nothing is lacking. */
export function whatIsLacking(
  agentId: string,
  catalog: CatalogAgent,
  settings: EffectiveSettings,
  keyIsSet: boolean,
): string | null {
  const set = `sam agent set ${agentId}`;
  const lacks: string[] = [];
  if (catalog.defaultBaseUrl === null && settings.baseUrl === null) {
    lacks.push(`It has no base URL. Set one: ${set} --base-url URL.`);
  }
  if (catalog.needsModel && catalog.defaultModel === null && settings.model === null) {
    lacks.push(`It has no model. Set one: ${set} --model MODEL.`);
  }
  // A server of one's own may need no key; that of its maker always does.
  const isOwnServer = settings.baseUrl !== null && settings.baseUrl !== catalog.defaultBaseUrl;
  if (!keyIsSet && !isOwnServer && catalog.defaultBaseUrl !== null) {
    lacks.push(`Its model has no key. Set one: sam secrets set ${catalog.keyName}.`);
  }
  return lacks.length === 0 ? null : lacks.join(" ");
}
