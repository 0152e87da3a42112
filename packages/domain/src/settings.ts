/**
 * Every duration of the lifecycles is a setting, in milliseconds; these are the defaults of the design's tables.
 * An installation overrides them by name; a test shortens them.
 */
const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

export const defaultSettings = {
  nodeSelectionMs: minute,
  capacityWaitMs: 2 * hour,
  provisioningMs: 15 * minute,
  nodeBootMs: 10 * minute,
  workspaceCreationMs: 2 * minute,
  workspaceProgressMs: 5 * minute,
  workspaceReadyMs: 30 * minute,
  agentSessionMs: 2 * minute,
  turnStallFlagMs: 15 * minute,
  turnStallMs: 30 * minute,
  modelFailingMs: 5 * minute,
  turnMs: 8 * hour,
  awaitingInputMs: 7 * day,
  awaitingReleaseMs: 30 * minute,
  deliveryMs: 15 * minute,
  cancellingMs: 5 * minute,
  nodePollMs: 15 * second,
  capacityPollMs: 15 * second,
  providerPollMs: 4 * second,
  nodeRequestMs: 5 * minute,
  nodeDrainMs: 10 * minute,
  nodeDestroyMs: 15 * minute,
  warmMs: 30 * minute,
  contactLostMs: 10 * minute,
  unsavedWorkMs: 7 * day,
  savedWorkKeptMs: hour,
  nodeTokenMs: 30 * day,
  sweepGraceMs: minute,
  sweepReportsKeptMs: 31 * day,
  ledgerPollMs: 5 * minute,
  ledgerGraceMs: 15 * minute,
  tasksPerNode: 2,
  maxNodes: 4,
} as const satisfies Record<string, number>;

export type Settings = { readonly [Name in keyof typeof defaultSettings]: number };
export type SettingName = keyof Settings;

/** What each setting limits or paces, in words. */
export const settingMeanings: { readonly [Name in SettingName]: string } = {
  nodeSelectionMs: "finding a node, or a place in the queue",
  capacityWaitMs: "waiting for a machine, in all, however often one is nearly there",
  provisioningMs: "a server that was asked for, until it runs",
  nodeBootMs: "a server that runs, until its VM agent says hello",
  workspaceCreationMs: "a workspace that was asked for, until the VM agent takes it on",
  workspaceProgressMs: "a checkout that does not move",
  workspaceReadyMs: "a checkout in all",
  agentSessionMs: "an agent that was started, until its session is open",
  turnStallFlagMs: "an agent that sends no update, until it is flagged as stalled",
  turnStallMs: "an agent that sends no update, until it is started again",
  modelFailingMs: "a model that answers no call of a turn, until the turn is given up",
  turnMs: "a turn in all; the time in which it waits for you does not count",
  awaitingInputMs: "a question that nobody answers",
  awaitingReleaseMs: "a question that nobody answers, until the machine is released and the work saved",
  deliveryMs: "committing, checking, pushing and proving, in all",
  cancellingMs: "a cancel, until it ends with what is unproven named",
  nodePollMs: "how often a task asks after its node, beside what the node says by itself",
  capacityPollMs:
    "how often a task in the queue looks for room, beside the offers; four times slower where a provider refuses",
  providerPollMs: "how often a node asks the provider about a server that comes or goes",
  nodeRequestMs: "a request to the provider, until it is taken",
  nodeDrainMs: "the last tasks of a node that goes",
  nodeDestroyMs: "the destruction of a server, until it is asked for anew",
  warmMs: "a node without a task, until it goes",
  contactLostMs: "silence of a VM agent, until its node is given up",
  unsavedWorkMs: "a node that is kept for work that is nowhere else, until it is shown as overdue",
  savedWorkKeptMs: "saved work that was delivered, until it is removed at the remote",
  nodeTokenMs: "a node's token, which is renewed over its channel",
  sweepGraceMs: "a row past its deadline, until the sweep asks its owner",
  sweepReportsKeptMs: "what the sweeps found, until it is forgotten",
  ledgerPollMs: "how often the whole listing of the provider is held against our nodes",
  ledgerGraceMs:
    "a server or disk that is ours and that no node owns, from the first listing that shows it, until it is destroyed",
  tasksPerNode: "tasks that share one node",
  maxNodes: "nodes of one owner at a time",
};

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(defaultSettings, name);
}
