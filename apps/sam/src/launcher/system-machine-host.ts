/** The machine host of this system: the nodes of the `local` provider, as processes of this machine. */
import { join } from "node:path";

import { defaultSettings } from "@sam/domain/settings";

import type { MachineHost } from "../control-plane/machine-host-binding.ts";
import { bundlesDirectory } from "../data-directory/checkout.ts";
import { agentCacheOf, type DataDirectory } from "../data-directory/data-directory.ts";
import { loadExtraAgents } from "../data-directory/extra-agents.ts";
import type { SettingOverrides } from "../data-directory/setting-overrides.ts";
import { CommandError } from "../exit-code.ts";
import { createMachineHost } from "../machine-host/machine-host.ts";
import type { SystemLog } from "./system-log.ts";

/** Not yet started. Throws a CommandError where this machine cannot host nodes. */
export function openMachineHost(directory: DataDirectory, settings: SettingOverrides, log: SystemLog): MachineHost {
  const apps = bundlesDirectory();
  const extraAgents = loadExtraAgents(directory);
  try {
    const host = createMachineHost({
      dataDir: directory.path,
      programs: {
        vmAgent: join(apps, "vm-agent", "dist", "vm-agent.mjs"),
        runbook: join(apps, "runbook", "dist", "runbook.mjs"),
        gitRelay: join(apps, "sam", "dist", "machine-host", "git-relay.mjs"),
        warden: join(apps, "sam", "dist", "machine-host", "warden.mjs"),
        agentInstaller: join(apps, "vm-agent", "dist", "agent-installer.mjs"),
        agentRecipes: join(apps, "vm-agent", "agents"),
      },
      extraAgents,
      agentCache: agentCacheOf(directory),
      hasLines: true,
      maxServers: settings.maxNodes ?? defaultSettings.maxNodes,
      log: (line) => log.write("info", "machine-host", line),
    });
    return {
      handle: (request) => host.handle(request),
      setControlUrl: (url) => host.setControlUrl(url),
      killVmAgent: (serverId) => host.killVmAgent(serverId),
      cutNetwork: (serverId, durationMs) => host.cutNetwork(serverId, durationMs),
      start: () => host.start().catch((error: unknown) => Promise.reject(notStarted(error))),
      stop: async () => {
        const { unprovenServers } = await host.stop();
        if (unprovenServers.length > 0) {
          throw new Error(
            `these nodes may still have processes: ${unprovenServers.join(", ")}; the next start ends them`,
          );
        }
      },
    };
  } catch (error) {
    throw notStarted(error);
  }
}

function notStarted(error: unknown): CommandError {
  const reason = error instanceof Error ? error.message : String(error);
  return new CommandError(`The machine host did not start: ${reason}. Look with: sam doctor`, undefined, {
    cause: error,
  });
}
