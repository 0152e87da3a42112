/** The moving parts of a system: its sign of life, its machine host and its control plane. */
import { join } from "node:path";

import { breakableOf } from "../breakage/breakable.ts";
import { BreakageHost } from "../breakage/breakage-host.ts";
import { ProviderStall } from "../breakage/provider-stall.ts";
import type { ControlBundle } from "../control-plane/control-bundle.ts";
import { ControlPlane, PortTaken } from "../control-plane/control-plane.ts";
import type { MachineHost } from "../control-plane/machine-host-binding.ts";
import { bundlesDirectory } from "../data-directory/checkout.ts";
import type { DataDirectory } from "../data-directory/data-directory.ts";
import type { SettingOverrides } from "../data-directory/setting-overrides.ts";
import { UsageError } from "../exit-code.ts";
import { recordOutage, startSignOfLife } from "./outages.ts";
import { PlaneVariables, type Variables } from "./plane-variables.ts";
import { choosePort } from "./port.ts";
import { watchSecretsKeys } from "./secrets-keys-watch.ts";
import type { SystemLog } from "./system-log.ts";
import { openMachineHost } from "./system-machine-host.ts";
import type { Undo } from "./undo.ts";

const portTries = 5;

export interface PartsOptions {
  readonly directory: DataDirectory;
  readonly log: SystemLog;
  readonly bundle: ControlBundle;
  /** The port that a person named, or null for the first free one. */
  readonly port: number | null;
  readonly settings: SettingOverrides;
  /** All but CONTROL_URL and OUTAGES. */
  readonly variables: Variables;
  readonly undo: Undo;
  readonly startedAt: number;
}

export interface Parts {
  readonly plane: ControlPlane;
  readonly port: number;
  /** The port that was wanted and that another program has. */
  readonly insteadOfPort: number | null;
}

/** Starts the parts at the same time. What was begun is in `undo`, also where this throws. */
export async function startParts(options: PartsOptions): Promise<Parts> {
  const { directory, log, undo } = options;
  const outages = (nowMs: number) => ({ OUTAGES: JSON.stringify(recordOutage(directory, nowMs)) });
  const variables = new PlaneVariables({ ...options.variables, ...outages(options.startedAt) }, log);
  const sign = startSignOfLife(directory, () => {
    log.write("warn", "launcher", "this machine slept; the control plane is told of the gap and started again");
    variables.change(outages(Date.now()));
  });
  undo.add(() => sign.stop());
  const keys = watchSecretsKeys(directory, log, (changed) => {
    variables.change({ SECRETS_KEYS: JSON.stringify(changed) });
  });
  undo.add(() => keys.stop());
  const host = openMachineHost(directory, options.settings, log);
  undo.add(() => host.stop());
  const startedWith = variables.current;
  const stall = new ProviderStall();
  let plane: ControlPlane | null = null;
  const breakage = new BreakageHost(
    breakableOf(host, stall, () => plane),
    (line) => log.write("warn", "launcher", line),
  );
  const parts = await startBoth(options, { host, stall, breakage }, startedWith);
  ({ plane } = parts);
  variables.reach(parts.plane, { ...startedWith, CONTROL_URL: urlOf(parts.port) });
  return parts;
}

interface Hosts {
  readonly host: MachineHost;
  readonly stall: ProviderStall;
  readonly breakage: BreakageHost;
}

/** The machine host boots its nodes while workerd starts; nodes dial until the control plane answers. */
async function startBoth(options: PartsOptions, hosts: Hosts, variables: Variables): Promise<Parts> {
  const { host, stall, breakage } = hosts;
  let machineHostReady: Promise<void> | null = null;
  for (let attempt = 1; attempt <= portTries; attempt += 1) {
    const { port, insteadOf: insteadOfPort } = await choosePort(options.directory, options.port);
    host.setControlUrl(urlOf(port));
    machineHostReady ??= host.start();
    const ready = machineHostReady;
    const starting = ControlPlane.start({
      directory: options.directory,
      log: options.log,
      bundle: options.bundle,
      port,
      variables: { ...variables, CONTROL_URL: urlOf(port) },
      pageFolder: join(bundlesDirectory(), "web", "dist"),
      machineHost: host,
      machineHostReady: async () => {
        await ready;
        await stall.pass();
      },
      breakage,
    });
    options.undo.add(async () => {
      await starting.then(
        (plane) => plane.stop(),
        () => undefined,
      );
    });
    try {
      const [plane] = await Promise.all([starting, machineHostReady]);
      return { plane, port, insteadOfPort };
    } catch (error) {
      if (!(error instanceof PortTaken)) throw error;
      options.log.write("warn", "launcher", `port ${port} was taken while SAM started`);
    }
  }
  throw new UsageError(
    `No port on 127.0.0.1 stayed free while SAM started. Nothing was started. Name one with --port.`,
  );
}

export function urlOf(port: number): string {
  return `http://127.0.0.1:${port}`;
}
