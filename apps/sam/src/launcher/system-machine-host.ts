/** The machine host of this system: the nodes of the `local` provider, as processes of this machine. */
import type { MachineHost } from "../control-plane/machine-host-binding.ts";
import type { DataDirectory } from "../data-directory/data-directory.ts";
import type { SystemLog } from "./system-log.ts";

export async function openMachineHost(_directory: DataDirectory, _log: SystemLog): Promise<MachineHost> {
  return {
    handle: async () => new Response("no machine host", { status: 503 }),
    start: async () => undefined,
    stop: async () => undefined,
    setControlUrl: () => undefined,
  };
}
