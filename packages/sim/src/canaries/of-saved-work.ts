/** Canaries of saved work: where it is said to be, who looks before its machine goes, and who brings it back. */
import { instead, type Canary } from "./canary.ts";

export const ofSavedWork: readonly Canary[] = [
  {
    name: "pushed-is-only-said",
    breaks: "Saved work is said to be at the remote, and was only kept on its machine.",
    rule: 8,
    replaces: {
      machine: (machine) => {
        machine.pushSaved = () => null;
      },
    },
  },
  {
    name: "holds-nothing",
    breaks: "What a node says that it alone holds is not written down, so that it goes with what lies on it.",
    rule: 8,
    replaces: {
      nodeStore: (store) =>
        instead(store, {
          commit: (commit, extra) => {
            store.commit({ ...commit, facts: { ...commit.facts, holds: [] } }, extra);
          },
        }),
    },
  },
  {
    name: "goes-on-from-what-was-known",
    breaks: "A task that continues another begins with what was saved of that when it was begun, and not since.",
    rule: 8,
    replaces: {
      taskWorld: (world) =>
        instead(world, {
          search: async (facts, memo, remember) => {
            const outcome = await world.search(facts, memo, remember);
            return outcome.found ? { ...outcome, bringsBack: undefined } : outcome;
          },
        }),
    },
  },
  {
    name: "comes-back-empty",
    breaks: "A task whose machine was released comes back to a workspace without the work that was saved of it.",
    rule: 8,
    replaces: {
      commands: (commands) =>
        instead(commands, {
          add: (command) => {
            const { body } = command;
            if (body.type !== "create_workspace") return commands.add(command);
            return commands.add({ ...command, body: { ...body, savedWork: null } });
          },
        }),
    },
  },
];
