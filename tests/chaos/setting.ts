/** The system that a run works on: started as a person starts it, with networks that can fail and shorter waits. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { ApiClient } from "../../apps/sam/src/client/api-client.ts";
import { locateSystem } from "../../apps/sam/src/client/endpoint.ts";
import { locateDataDirectory } from "../../apps/sam/src/data-directory/data-directory.ts";
import type { Repository } from "../system/support/repository.ts";
import { System } from "../system/support/system.ts";
import { Network } from "./network.ts";
import { SmallDisk } from "./small-disk.ts";

/** What the design gives minutes, a run gives seconds: a deadline that passes is part of what it looks at. */
const settings = {
  capacityPollMs: 500,
  nodePollMs: 500,
  providerPollMs: 200,
  sweepGraceMs: 10_000,
  cancellingMs: 30_000,
  contactLostMs: 90_000,
  nodeBootMs: 60_000,
  nodeDrainMs: 30_000,
  nodeDestroyMs: 30_000,
  workspaceCreationMs: 15_000,
  agentSessionMs: 30_000,
  turnStallFlagMs: 10_000,
  turnStallMs: 25_000,
  maxNodes: 4,
  tasksPerNode: 3,
};
const sweepIntervalMs = 5_000;
const repositories = ["alpha", "beta", "gamma"];

export interface Setting {
  readonly system: System;
  readonly repositories: readonly Repository[];
  /** The users' own way to the API, over their network. */
  readonly usersApi: ApiClient;
  readonly nodesNetwork: Network;
  readonly usersNetwork: Network;
  readonly disk: SmallDisk | null;
  /** Starts the system, and leads the networks to it. */
  readonly up: () => Promise<void>;
  /** Ends everything. The folder stays where it is told to be kept. */
  readonly end: (isKept: boolean) => Promise<void>;
}

export async function prepareSetting(): Promise<Setting> {
  const ends: (() => Promise<void>)[] = [];
  const [nodesNetwork, usersNetwork] = await Promise.all([Network.start(), Network.start()]);
  const system = await System.prepare(
    { onTestFinished: (end) => void ends.push(end) },
    {
      settings,
      prelude: `process.env["SAM_CONTROL_URL"] = ${JSON.stringify(nodesNetwork.url)};`,
      environment: { SAM_SWEEP_INTERVAL_MS: String(sweepIntervalMs) },
    },
  );
  const { dataDirectory, stage } = system;
  const disk = SmallDisk.mount(join(dataDirectory, "machine-host/servers"));
  const agents = { "stand-in": { command: [process.execPath, stage.standInAgent] } };
  writeFileSync(join(dataDirectory, "agents.json"), JSON.stringify(agents));
  const locate = locateSystem(locateDataDirectory(dataDirectory));
  return {
    system,
    repositories: await Promise.all(repositories.map((name) => system.repository(name))),
    usersApi: new ApiClient(() => ({ ...locate(), url: usersNetwork.url })),
    nodesNetwork,
    usersNetwork,
    disk,
    up: async () => {
      await system.up();
      const port = Number(new URL(system.launcher.url).port);
      for (const network of [nodesNetwork, usersNetwork]) network.leadTo(port);
    },
    end: async (isKept) => {
      process.env["SAM_TEST_KEEP"] = "1";
      await Promise.all([nodesNetwork.stop(), usersNetwork.stop()]);
      for (const end of ends) await end();
      // The nodes' disks go with the namespace that they are mounted in.
      if (isKept) disk?.copyTo(join(system.folder, "servers"));
      disk?.unmount();
      if (!isKept) rmSync(system.folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
