/** Canaries of effects: what is done before it is written down, what is said to be done, and what nobody finds again. */
import type { NodeId, TaskId } from "@sam/domain/ids";
import type { NodeRequest } from "@sam/domain/node-facts";
import { installationLabel, nodeLabel } from "@sam/providers/provider";

import { NodeLifecycleLogic } from "../../../../apps/control/src/node/node-lifecycle-logic.ts";
import { TaskRunnerLogic } from "../../../../apps/control/src/task/task-runner-logic.ts";
import { installationId } from "../objects/simulated-env.ts";
import { instead, type Canary, type NodeLogicPorts } from "./canary.ts";

/** The undo stands beside the effect, and not before it. */
class CreatesBeforeItIsWritten extends NodeLifecycleLogic {
  readonly #own: NodeLogicPorts;

  constructor(ports: NodeLogicPorts) {
    super(ports);
    this.#own = ports;
  }

  override async request(request: NodeRequest, taskId: TaskId) {
    const { nodeId, machineType, location } = request;
    const { token, tokenExpiresAt } = await this.#own.tokens.mint(this.#own.clock());
    const userData = { nodeId, controlUrl: "http://control.test", token, tokenExpiresAt };
    await this.#own.provider().createServer({
      name: nodeId.toLowerCase().replace("_", "-"),
      machineType,
      location,
      labels: { [installationLabel]: installationId, [nodeLabel]: nodeId },
      userData: JSON.stringify(userData),
    });
    return await super.request(request, taskId);
  }
}

/** A node that tells of a slot after its task's end hears that it is still wanted: what else is broken is not mended so. */
class WantsEverySlot extends TaskRunnerLogic {
  override contact(nodeId: NodeId): boolean {
    super.contact(nodeId);
    return true;
  }
}

export const ofEffects: readonly Canary[] = [
  {
    name: "create-before-intent",
    breaks: "A server is asked for before its node is written down.",
    rule: 4,
    replaces: { nodeLogic: CreatesBeforeItIsWritten },
  },
  {
    name: "stop-is-delete",
    breaks: "A server that was stopped counts as destroyed; its disk goes on to be billed.",
    rule: 9,
    replaces: {
      provider: (provider) => {
        const stopped = new Set<string>();
        return instead(provider, {
          destroyServer: (id) => {
            stopped.add(id);
            return Promise.resolve("gone");
          },
          listServers: async (filter) => (await provider.listServers(filter)).filter(({ id }) => !stopped.has(id)),
        });
      },
    },
  },
  {
    name: "only-known-servers",
    breaks: "A server counts as ours where the reply to its creation came; nobody looks for its label.",
    rule: 9,
    replaces: {
      provider: (provider) => {
        const known = new Set<string>();
        return instead(provider, {
          createServer: async (request) => {
            const server = await provider.createServer(request);
            known.add(server.id);
            return server;
          },
          listServers: async (filter) => (await provider.listServers(filter)).filter(({ id }) => known.has(id)),
        });
      },
    },
  },
  {
    name: "release-is-only-said",
    breaks: "The machine is said to be released, and its NodeLifecycle is not told, with no heartbeat either.",
    rule: 9,
    replaces: {
      taskWorld: (world) => instead(world, { release: () => Promise.resolve("it was let go") }),
      taskLogic: WantsEverySlot,
    },
  },
  {
    name: "search-forgets",
    breaks: "A search that is repeated does not know which node it was about to claim, nor does a heartbeat say so.",
    rule: 9,
    replaces: {
      taskWorld: (world) => instead(world, { search: (facts) => world.search(facts, null, () => undefined) }),
      taskLogic: WantsEverySlot,
    },
  },
  {
    name: "commands-sent-once",
    breaks: "A command that was sent once is not sent again with the next hello.",
    rule: 2,
    replaces: { commands: (commands) => instead(commands, { unacknowledged: () => [] }) },
  },
  {
    name: "size-is-guessed",
    breaks: "Where the catalog was read, a machine's processors are made up.",
    rule: 10,
    replaces: {
      nodeStore: (store) =>
        instead(store, {
          commit: (commit, extra) => {
            const { facts } = commit;
            const machine = facts.machine.known ? { ...facts.machine, vcpu: 8 } : facts.machine;
            store.commit({ ...commit, facts: { ...facts, machine } }, extra);
          },
        }),
    },
  },
];
