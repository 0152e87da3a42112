/** What a person may break on this machine on purpose, and by whom it is really done. */
import type { ControlPlane } from "../control-plane/control-plane.ts";
import type { MachineHost } from "../control-plane/machine-host-binding.ts";
import type { Breakable } from "./breakage-host.ts";
import type { ProviderStall } from "./provider-stall.ts";

/** @param plane null before it is up. */
export function breakableOf(
  host: Pick<MachineHost, "killVmAgent" | "cutNetwork">,
  stall: ProviderStall,
  plane: () => Pick<ControlPlane, "crash"> | null,
): Breakable {
  return {
    killVmAgent: async (serverId) => {
      const since = Date.now();
      await host.killVmAgent(serverId);
      return `a VM agent was started again after ${secondsSince(since)}`;
    },
    cutNetwork: async (serverId, durationMs) => {
      const since = Date.now();
      await host.cutNetwork(serverId, durationMs);
      return `it was cut off for ${secondsSince(since)}`;
    },
    killControlPlane: async () => {
      const since = Date.now();
      const running = plane();
      if (running === null) throw new Error("the control plane is not up yet");
      await running.crash();
      return `workerd answered again after ${secondsSince(since)}`;
    },
    stallProvider: async (durationMs) => {
      const since = Date.now();
      const held = await stall.begin(durationMs);
      return `it answered nothing for ${secondsSince(since)}; requests held back: ${held}`;
    },
  };
}

function secondsSince(at: number): string {
  return `${((Date.now() - at) / 1000).toFixed(1)} s`;
}
