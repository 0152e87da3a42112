/**
 * An agent's launch is everything that one start needs: what the control plane grants it, its program, its model's
 * gateway, its environment and its configuration. Nothing of it is stored but the configuration, which holds no key.
 */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import type { FailureReason } from "@sam/domain/failure-reason";
import type { AgentGrant } from "@sam/protocol/node-channel";

import { GrantRefused } from "../channel/grant-desk.ts";
import { messageOf } from "../clipped-text.ts";
import { DeadlinePassed } from "../deadline.ts";
import { ModelGateway } from "../gateway/model-gateway.ts";
import type { TurnLedger } from "../gateway/turn-ledger.ts";
import { CommandFailure } from "../task/command-failure.ts";
import type { BodyOf, Job } from "../task/job.ts";
import { adapters } from "./adapters/adapter-table.ts";
import type { AgentAdapter } from "./adapters/agent-adapter.ts";
import { plainAcp } from "./adapters/plain-acp.ts";
import { installedAgent } from "./agent-install.ts";
import { chooseModel } from "./agent-needs.ts";
import { knownAgent, knownAgentIds, missingProgram, type KnownAgent } from "./agent-table.ts";
import { agentFolders, taskEnvironment } from "./task-environment.ts";

export type StartJob = Job<BodyOf<"start_agent">>;

export interface AgentLaunch {
  readonly adapter: AgentAdapter;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Goes with `session/new` and `session/load`. */
  readonly sessionMeta: Readonly<Record<string, unknown>> | null;
  /** Null: SAM knows nothing of this agent's model. */
  readonly gateway: ModelGateway | null;
  /** Whether its model's server is another one than the catalog's. */
  readonly isOwnServer: boolean;
}

/**
 * @param workspace its path.
 * @throws CommandFailure where the agent is not known, not installed, not configured, or nothing is granted.
 */
export async function prepareLaunch(job: StartJob, workspace: string, ledger: TurnLedger): Promise<AgentLaunch> {
  const { node, taskId, body, signal } = job;
  const known = knownOrThrow(job);
  // Each waits for another one: the control plane, the disk.
  const [grant, program] = await Promise.all([
    grantFor(job, body.agentId, "agent_start_failed"),
    programOf(job, known),
  ]);
  signal.throwIfAborted();
  const adapter = known.kind === "catalog" ? adapters[known.agentId] : plainAcp;
  const choice = adapter.model === null ? null : chooseModel(body.agentId, adapter.model, grant);
  const gateway = choice === null ? null : await ModelGateway.start(choice.server, ledger);
  try {
    signal.throwIfAborted();
    if (gateway !== null) node.secrets.learnKey(taskId, { name: "SAM_MODEL_GATEWAY", value: gateway.token });
    const folders = agentFolders(node.layout, body.homeOf);
    if (body.loadSessionId !== null) adapter.prepareLoad?.(folders, body.loadSessionId);
    const launch = adapter.launch({
      ...folders,
      workspace,
      installation: program.installation,
      nodeCache: node.layout.agentCache,
      model: choice?.model ?? null,
      modelUrl: gateway?.url ?? "",
      modelToken: gateway?.token ?? "",
    });
    for (const { path, text } of launch.files) writePrivate(path, text);
    const own = known.kind === "program" ? known.entry.env : {};
    const more = { granted: grant.environment, own: { ...own, ...launch.env } };
    const env = taskEnvironment(node.layout, taskId, body.homeOf, more);
    const command = [...program.command, ...launch.args];
    const { sessionMeta } = launch;
    return { adapter, command, env, sessionMeta, gateway, isOwnServer: choice?.isOwnServer ?? false };
  } catch (error) {
    gateway?.close();
    throw error;
  }
}

/**
 * Asks for the grant of a task's agent, and learns what must be hidden.
 * @throws CommandFailure of that reason
 */
export async function grantFor(job: Job, agentId: string, reason: FailureReason): Promise<AgentGrant> {
  const { node, taskId } = job;
  try {
    const grant = await node.grants.want(taskId, agentId);
    node.secrets.learn(taskId, grant);
    return grant;
  } catch (error) {
    if (error instanceof GrantRefused) throw new CommandFailure(reason, error.message);
    if (!(error instanceof DeadlinePassed)) throw error;
    throw new CommandFailure(reason, messageOf(error), { retryable: true });
  }
}

function knownOrThrow({ node, body }: StartJob): KnownAgent {
  const known = knownAgent(node.settings, body.agentId);
  if (known !== null) return known;
  const ids = knownAgentIds(node.settings).join(", ");
  throw new CommandFailure(
    "agent_unknown",
    `this node has no agent ${JSON.stringify(body.agentId)}; it has ${ids || "none"}`,
  );
}

interface Program {
  readonly command: readonly string[];
  readonly installation: string | null;
}

async function programOf({ node, signal }: StartJob, known: KnownAgent): Promise<Program> {
  if (known.kind === "catalog") {
    const { command, folder } = await installedAgent(node, known.agentId, () => undefined, signal);
    return { command, installation: folder };
  }
  const missing = missingProgram(known.entry);
  if (missing !== null) throw new CommandFailure("agent_start_failed", `${missing} is not there or may not be run`);
  return { command: known.entry.command, installation: null };
}

function writePrivate(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, text, { mode: 0o600 });
  // One that was there before keeps its mode.
  chmodSync(path, 0o600);
}
