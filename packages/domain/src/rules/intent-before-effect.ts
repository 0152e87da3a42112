/** Rule 4. What is done outside was written down before, under a key, and what is sent twice happens once. */
import { isFinalNodeState } from "../node-lifecycle.ts";
import { notObserved, repeated, type Clause, type Rule, when } from "./rule.ts";
import { nodeLabelName, ownServers, type SystemRecord } from "./system-record.ts";
import type { TaskRecord } from "./task-record.ts";

const eachKeyOnce: Clause<TaskRecord> = {
  says: "each effect and each command has a key that is used once",
  check: ({ taskId, effects }) => {
    if (effects === undefined) return notObserved("its effects");
    const keys = repeated(effects.map(({ key }) => key));
    const ids = repeated(effects.flatMap(({ command }) => (command === undefined ? [] : [command.commandId])));
    return [
      ...keys.map((key) => ({ about: taskId, what: `two effects have the key ${key}` })),
      ...ids.map((id) => ({ about: taskId, what: `two commands have the id ${id}` })),
    ];
  },
};

const eachCommandOnce: Clause<TaskRecord> = {
  says: "a command is carried out once, and only after it was written down",
  check: ({ taskId, effects, carriedOut }) => {
    if (carriedOut === undefined) return notObserved("what its VM agent carried out");
    const twice = repeated(carriedOut).map((id) => ({ about: taskId, what: `${id} was carried out twice` }));
    if (effects === undefined) return twice;
    const intended = new Set(effects.map(({ command }) => command?.commandId));
    const unknown = carriedOut.filter((id) => !intended.has(id));
    return [
      ...twice,
      ...unknown.map((id) => ({ about: taskId, what: `${id} was carried out, and nobody asked for it` })),
    ];
  },
};

const eachStartNumbered: Clause<TaskRecord> = {
  says: "each start of the agent has a number of its own, higher than the one before",
  check: ({ taskId, effects }) => {
    if (effects === undefined) return notObserved("its effects");
    const starts = effects.flatMap(({ command }) => command?.incarnation ?? []);
    return starts.flatMap((incarnation, index) => {
      const before = starts[index - 1] ?? 0;
      return when(incarnation <= before, taskId, () => `start ${incarnation} of its agent came after start ${before}`);
    });
  },
};

const everyServerWasIntended: Clause<SystemRecord> = {
  says: "every server of ours carries the label of a node that was written down before",
  check: (record) => {
    const servers = ownServers(record);
    if (servers === null || record.nodes === undefined) return notObserved("the provider's listing and the nodes");
    const known = new Set(record.nodes.map(({ nodeId }) => nodeId));
    return servers.flatMap(({ serverId, labels }) => {
      const label = labels[nodeLabelName];
      const isKnown = label !== undefined && known.has(label);
      return when(
        !isKnown,
        `server ${serverId}`,
        () => `it carries our label, and ${label ?? "no node"} is no node of ours`,
      );
    });
  },
};

const oneServerEach: Clause<SystemRecord> = {
  says: "a node has one server at most, and it is the one that the node knows",
  check: (record) => {
    const servers = ownServers(record);
    if (servers === null || record.nodes === undefined) return notObserved("the provider's listing and the nodes");
    return record.nodes.flatMap(({ nodeId, serverId, state }) => {
      const its = servers.filter(({ labels }) => labels[nodeLabelName] === nodeId).map((server) => server.serverId);
      const isOther = serverId !== null && !isFinalNodeState(state) && its.length > 0 && !its.includes(serverId);
      return [
        ...when(its.length > 1, nodeId, () => `it has ${its.length} servers: ${its.join(", ")}`),
        ...when(isOther, nodeId, () => `it knows server ${serverId}, and the provider lists ${its.join(", ")} for it`),
      ];
    });
  },
};

export const intentBeforeEffect: Rule = {
  number: 4,
  ofTask: [eachKeyOnce, eachCommandOnce, eachStartNumbered],
  ofSystem: [everyServerWasIntended, oneServerEach],
};
