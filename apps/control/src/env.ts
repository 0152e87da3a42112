/** What the Worker is given. Texts are parsed once, here; a bad one stops the Worker and names the field. */
import type { Outage } from "@sam/domain/outage";
import { defaultSettings, isSettingName, type Settings } from "@sam/domain/settings";
import { z } from "zod";

import type { NodeLifecycle } from "./node/node-lifecycle-object.ts";
import type { TaskRunner } from "./task/task-runner-object.ts";

export interface Env {
  readonly DB: D1Database;
  readonly TASK_RUNNER: DurableObjectNamespace<TaskRunner>;
  readonly NODE_LIFECYCLE: DurableObjectNamespace<NodeLifecycle>;
  /** The machine host of this machine, behind the `local` provider; absent where there is none. */
  readonly MACHINE_HOST?: Fetcher;
  /** Which installation this is: every server of ours carries it as a label. */
  readonly INSTALLATION_ID?: string;
  /** Where a VM agent dials. */
  readonly CONTROL_URL?: string;
  readonly PROVIDER: string;
  /** JSON: overrides of `defaultSettings`, by name. */
  readonly SETTINGS: string;
  /** JSON: spans in which this control plane was off, newest last. */
  readonly OUTAGES: string;
  readonly SAM_VERSION: string;
}

const settingsSchema = z.record(z.string(), z.number().positive()).transform((overrides, context): Settings => {
  const unknown = Object.keys(overrides).filter((name) => !isSettingName(name));
  for (const name of unknown) context.addIssue({ code: "custom", message: `SETTINGS.${name} is not a setting` });
  return { ...defaultSettings, ...overrides };
});

const outagesSchema = z.array(z.object({ from: z.number(), to: z.number() }));

export function settingsOf(env: Pick<Env, "SETTINGS">): Settings {
  return settingsSchema.parse(JSON.parse(env.SETTINGS));
}

export function outagesOf(env: Pick<Env, "OUTAGES">): readonly Outage[] {
  return outagesSchema.parse(JSON.parse(env.OUTAGES));
}
