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
  turnMs: 8 * hour,
  awaitingInputMs: 7 * day,
  deliveryMs: 15 * minute,
  cancellingMs: 5 * minute,
  /** The fallback poll of a runner that waits for its node. */
  nodePollMs: 15 * second,
  /** How often a task in the queue looks for room by itself. */
  capacityPollMs: 15 * second,
  /** How often a node asks the provider about a server that is on its way. */
  providerPollMs: 4 * second,
  nodeRequestMs: 5 * minute,
  nodeDrainMs: 10 * minute,
  nodeDestroyMs: 15 * minute,
  /** A warm node is kept this long. */
  warmMs: 30 * minute,
  /** Silence of a VM agent for this long, and its node is given up. */
  contactLostMs: 10 * minute,
  nodeTokenMs: 30 * day,
  /** What a row may be past its deadline before the sweep asks its owner. */
  sweepGraceMs: minute,
  tasksPerNode: 2,
  maxNodes: 4,
} as const satisfies Record<string, number>;

export type Settings = { readonly [Name in keyof typeof defaultSettings]: number };
export type SettingName = keyof Settings;

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(defaultSettings, name);
}
