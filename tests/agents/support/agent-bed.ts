/**
 * An agent's bed is one whole SAM for all scenarios of an agent: the real launcher, workerd, sandboxed node and VM agent,
 * the real agent, installed by SAM itself at its first use, and the model server in this process as its model.
 */
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { agentCatalog, type CatalogAgentId } from "@sam/domain/agent-catalog";
import type { PermissionPolicy } from "@sam/domain/permission-policy";
import { oneAgentSchema } from "@sam/protocol/agent-api";
import { oneProjectSchema } from "@sam/protocol/project-api";
import { oneSecretSchema } from "@sam/protocol/secret-api";
import { afterAll, beforeAll } from "vitest";

import { ModelServer, type ModelServerOptions } from "../../model-server/model-server.ts";
import { promptOf, type Script } from "../../model-server/script/script.ts";
import type { Conversation } from "../../system/support/conversation.ts";
import type { Repository } from "../../system/support/repository.ts";
import { System } from "../../system/support/system.ts";
import { profiles, type AgentProfile } from "./agent-profile.ts";

/** Where the agents are installed once for all runs of this checkout, unless SAM_AGENT_CACHE names another folder. */
export const agentCache =
  process.env["SAM_AGENT_CACHE"] ?? fileURLToPath(new URL("../../../node_modules/.cache/sam-agents", import.meta.url));

/** The key of the model, which is nobody's but the gateway's. */
export const modelKey = "sk-scripted-2f9c41d7b8e6a053";
/** A secret of the owner, which each agent has in its environment, and which nobody is shown. */
export const secret = { name: "DEPLOY_PASSPHRASE", value: "correct-horse-battery-staple-77" } as const;

/** Shortened, so that a run ends: what they limit is the same. */
export const limits = { modelFailingMs: 6_000, modelAnswerMs: 6_000 } as const;
/** Where two processors start several agents at once, one may take minutes to say hello. */
const settings = {
  modelFailingMs: limits.modelFailingMs,
  agentSessionMs: 290_000,
  tasksPerNode: 32,
  maxNodes: 1,
} as const;
const timings = { modelAnswerMs: limits.modelAnswerMs, sessionMs: 140_000 } as const;

export interface Assignment {
  /** Of the repository, and the first words of the prompt. */
  readonly name: string;
  readonly script: Script;
  readonly policy?: PermissionPolicy;
  readonly checkCommand?: string;
  /** Its project's own model server. Default: the one that answers. */
  readonly model?: ModelServer;
}

/** A task with its repository, and with its conversation as it is told live. */
export interface Errand {
  readonly taskId: string;
  readonly repository: Repository;
  readonly followed: Conversation;
}

interface Finisher {
  onTestFinished(end: () => Promise<void>): void;
}

export class AgentBed {
  readonly agentId: CatalogAgentId;
  readonly profile: AgentProfile;
  readonly system: System;
  /** Answers as it is told by the prompt, and wants the key. */
  readonly model: ModelServer;
  /** What was submitted here. */
  readonly #taskIds: string[] = [];
  readonly #servers: ModelServer[];

  private constructor(
    { agentId, system, model }: Pick<AgentBed, "agentId" | "system" | "model">,
    servers: ModelServer[],
  ) {
    this.agentId = agentId;
    this.profile = profiles[agentId];
    this.system = system;
    this.model = model;
    this.#servers = servers;
  }

  static async start(agentId: CatalogAgentId, test: Finisher): Promise<AgentBed> {
    const system = await System.start(test, { settings, timings, environment: environment() });
    const model = await ModelServer.start({ apiKey: modelKey });
    const bed = new AgentBed({ agentId, system, model }, [model]);
    test.onTestFinished(() => bed.#stop());
    await bed.#setSecret(agentCatalog[agentId].keyName, modelKey);
    await bed.#setSecret(secret.name, secret.value);
    await bed.#setAgent({ model: bed.profile.model, baseUrl: bed.#baseUrl(bed.model) });
    return bed;
  }

  /** Adds to whatever `play` throws what a person needs to see of the tasks that it submitted. */
  async explained<Value>(play: (bed: AgentBed) => Promise<Value>): Promise<Value> {
    const own = new AgentBed(this, this.#servers);
    try {
      return await play(own);
    } catch (error) {
      const reports = await Promise.all(own.#taskIds.map((taskId) => this.system.report(taskId)));
      if (error instanceof Error) error.message = [error.message, ...reports].join("\n\n");
      throw error;
    }
  }

  /** Submits a task on a repository of its own. */
  async submit({ name, script, policy = "allow_all", checkCommand, model }: Assignment): Promise<Errand> {
    const repository = await this.system.repository(name.replaceAll(/\W+/g, "-"));
    if (model !== undefined) await this.#setModelOf(repository, model);
    const task = await this.system.submit({
      prompt: withoutSecret(promptOf(script, name)),
      repository: { url: repository.path },
      agentId: this.agentId,
      permissionPolicy: policy,
      checkCommand: checkCommand ?? null,
    });
    return this.#follow(task.taskId, repository);
  }

  /** Says more to a task. @returns the one that was told: itself, or the task that continues it. */
  async say(errand: Errand, script: Script): Promise<Errand> {
    const { taskId } = await this.system.api.say(errand.taskId, { prompt: promptOf(script) });
    return taskId === errand.taskId ? errand : this.#follow(taskId, errand.repository);
  }

  #follow(taskId: string, repository: Repository): Errand {
    this.#taskIds.push(taskId);
    return { taskId, repository, followed: this.system.follow(taskId) };
  }

  /** Another model server, which stops with the bed. */
  async serve(options: ModelServerOptions): Promise<ModelServer> {
    const server = await ModelServer.start(options);
    this.#servers.push(server);
    return server;
  }

  async #stop(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop()));
  }

  async #setModelOf(repository: Repository, model: ModelServer): Promise<void> {
    const body = { repositoryUrl: repository.path };
    const { project } = await this.system.api.request("POST", "/api/projects", oneProjectSchema, { body });
    await this.#setAgent({ projectId: project.projectId, baseUrl: this.#baseUrl(model) });
  }

  async #setSecret(name: string, value: string): Promise<void> {
    await this.system.api.request("PUT", `/api/secrets/${name}`, oneSecretSchema, { body: { value } });
  }

  async #setAgent(body: object): Promise<void> {
    await this.system.api.request("PUT", `/api/agents/${this.agentId}/settings`, oneAgentSchema, { body });
  }

  #baseUrl(model: ModelServer): string {
    return `${model.url}${this.profile.path}`;
  }
}

/** @returns a way to the bed, which is up from the first test of the file to the last. */
export function shareBed(agentId: CatalogAgentId): () => AgentBed {
  const ends: (() => Promise<void>)[] = [];
  let bed: AgentBed | null = null;
  beforeAll(async () => {
    bed = await AgentBed.start(agentId, { onTestFinished: (end) => void ends.push(end) });
  });
  afterAll(async () => {
    for (const end of ends.toReversed()) await end();
  });
  return () => {
    if (bed === null) throw new Error("the agent's bed is not up");
    return bed;
  };
}

/** The script that the prompt holds has the secret letter by letter, as JSON allows: only the model says it as it is. */
function withoutSecret(prompt: string): string {
  const escaped = Array.from(secret.value, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return prompt.replaceAll(secret.value, () => escaped.join(""));
}

/** The launcher has a home of its own; npm is configured as whoever runs the tests configured it. */
function environment(): Record<string, string> {
  const own = Object.entries(process.env).filter(([name]) =>
    /^(npm_config_(registry|userconfig|cache|cafile)|(https?_|no_|all_)proxy|NODE_EXTRA_CA_CERTS)$/i.test(name),
  );
  return {
    npm_config_userconfig: join(homedir(), ".npmrc"),
    npm_config_cache: join(homedir(), ".npm"),
    ...Object.fromEntries(own.map(([name, value]) => [name, value ?? ""])),
    SAM_AGENT_CACHE: agentCache,
  };
}
