/** What an agent needs before it can be started, held against what its owner has set. What is missing is named. */
import type { AgentGrant } from "@sam/protocol/node-channel";

import type { ModelServer } from "../gateway/gateway-request.ts";
import { CommandFailure } from "../task/command-failure.ts";
import type { AgentModel } from "./adapters/agent-adapter.ts";

export interface ModelChoice {
  readonly server: ModelServer;
  readonly model: string | null;
  readonly isOwnServer: boolean;
}

/** A key is needed where the catalog's own server is asked; a server of the owner's may want none. @throws CommandFailure */
export function chooseModel(agentId: string, known: AgentModel, grant: AgentGrant): ModelChoice {
  const isOwnServer = grant.baseUrl !== null && grant.baseUrl !== known.defaultBaseUrl;
  const baseUrl = grant.baseUrl ?? known.defaultBaseUrl;
  const model = grant.model ?? known.defaultModel;
  const lacks = [
    ...(baseUrl === null
      ? [`the base URL of a model's server: \`sam agent set ${agentId} --base-url URL\``]
      : URL.canParse(baseUrl)
        ? []
        : [`a base URL that is one: \`sam agent set ${agentId} --base-url URL\``]),
    ...(model === null && known.needsModel ? [`a model: \`sam agent set ${agentId} --model MODEL\``] : []),
    ...(grant.modelKey === null && !isOwnServer ? [`the key of its model: \`sam secrets set ${known.keyName}\``] : []),
  ];
  if (baseUrl === null || lacks.length > 0) {
    throw new CommandFailure("agent_not_configured", `${agentId} lacks ${lacks.join("; and ")}.`);
  }
  const key = grant.modelKey?.value ?? null;
  return { server: { baseUrl: new URL(baseUrl), dialect: known.dialect, key }, model, isOwnServer };
}
