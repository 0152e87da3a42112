/**
 * The grant of an agent's start: its model, its base URL and its owner's secrets. It is made anew each time, stored
 * nowhere, and never logged.
 */
import { agentCatalog, catalogAgentIds, isCatalogAgent } from "@sam/domain/agent-catalog";
import type { ProjectId, UserId } from "@sam/domain/ids";
import type { AgentGrant } from "@sam/protocol/node-channel";

import { databaseOf } from "../database/built-once.ts";
import type { Env } from "../env.ts";
import { findKeyRing, noKeysMessage } from "../secret/secret-keys.ts";
import { openSecrets } from "../secret/secret-store.ts";
import { findEffectiveSettings } from "./agent-settings.ts";

export type GrantOutcome =
  | { readonly granted: true; readonly grant: AgentGrant }
  /** `detail` names secrets, and holds none. */
  | { readonly granted: false; readonly detail: string };

const modelKeyNames: ReadonlySet<string> = new Set(catalogAgentIds.map((agentId) => agentCatalog[agentId].keyName));

/** Where a key is missing the agent's start says so: its server may need none. */
export async function makeGrant(
  env: Env,
  ownerId: UserId,
  projectId: ProjectId,
  agentId: string,
): Promise<GrantOutcome> {
  const database = databaseOf(env);
  const ring = await findKeyRing(env);
  const [settings, secrets] = await Promise.all([
    findEffectiveSettings(database, ownerId, agentId, projectId),
    openSecrets(database, ring, ownerId),
  ]);
  const { values, unreadable } = secrets;
  if (unreadable.length > 0) {
    const names = unreadable.join(", ");
    const why = ring === null ? noKeysMessage : "None of this installation's keys opens them: set them again.";
    return { granted: false, detail: `These secrets cannot be read: ${names}. ${why}` };
  }
  return { granted: true, grant: { ...settings, ...sharesOf(agentId, values) } };
}

/** An agent of the catalog gets its model's key apart, and no other model's; any other program gets them all. */
function sharesOf(agentId: string, values: ReadonlyMap<string, string>): Pick<AgentGrant, "modelKey" | "environment"> {
  if (!isCatalogAgent(agentId)) return { modelKey: null, environment: Object.fromEntries(values) };
  const name = agentCatalog[agentId].keyName;
  const value = values.get(name);
  const others = [...values].filter(([other]) => !modelKeyNames.has(other));
  return {
    modelKey: value === undefined ? null : { name, value },
    environment: Object.fromEntries(others),
  };
}
