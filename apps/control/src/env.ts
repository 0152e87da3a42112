/** What the Worker is given. Texts are parsed once, here; with a bad one it does nothing but name the field. */
import type { Outage } from "@sam/domain/outage";
import { defaultSettings, isSettingName, type Settings } from "@sam/domain/settings";
import { agentIdSchema } from "@sam/protocol/task-api";
import { z } from "zod";

import type { NodeLifecycle } from "./node/node-lifecycle-object.ts";
import type { TaskRunner } from "./task/task-runner-object.ts";

export interface Env {
  readonly DB: D1Database;
  readonly TASK_RUNNER: DurableObjectNamespace<TaskRunner>;
  readonly NODE_LIFECYCLE: DurableObjectNamespace<NodeLifecycle>;
  /** The machine host of this machine, behind the `local` provider; absent where there is none. */
  readonly MACHINE_HOST?: Fetcher;
  /** By which a launcher lets its own person break something on purpose; absent anywhere else. */
  readonly BREAKAGE?: Pick<Fetcher, "fetch">;
  /** Whose machine this is, where it is one person's. */
  readonly OWNER_ID?: string;
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
  /** JSON: the keys that secrets are encrypted with, newest first, as `[{"id": …, "key": base64 of 32 bytes}]`. */
  readonly SECRETS_KEYS?: string;
  /** JSON: the ids of the agents that this installation adds to SAM's own. */
  readonly EXTRA_AGENTS?: string;
  /** A repository to try things on. */
  readonly SAMPLE_REPOSITORY?: string;
  /** The id of the first run's task, whether or not it was submitted yet. */
  readonly FIRST_TASK_ID?: string;
  /** The files of the page; absent where the Worker is an API alone. */
  readonly ASSETS?: Pick<Fetcher, "fetch">;
}

/** A setting of the installation that cannot be used; the message names its field. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}

const settingsSchema = z.record(z.string(), z.int().positive()).transform((overrides, context): Settings => {
  const unknown = Object.keys(overrides).filter((name) => !isSettingName(name));
  for (const name of unknown) context.addIssue({ code: "custom", path: [name], message: "is not a setting" });
  return { ...defaultSettings, ...overrides };
});

const outagesSchema = z.array(
  z.object({ from: z.int(), to: z.int() }).refine(({ from, to }) => to >= from, {
    path: ["to"],
    error: "is before its from",
  }),
);

const readSettings = reader("SETTINGS", settingsSchema);
const readExtraAgents = reader("EXTRA_AGENTS", z.array(agentIdSchema));
const readOutages = reader("OUTAGES", outagesSchema);

/** @throws ConfigurationError that names each bad field. */
export function settingsOf(env: Pick<Env, "SETTINGS">): Settings {
  return readSettings(env.SETTINGS);
}

/** @throws ConfigurationError that names each bad field. */
export function outagesOf(env: Pick<Env, "OUTAGES">): readonly Outage[] {
  return readOutages(env.OUTAGES);
}

/** @throws ConfigurationError that names each bad field. */
export function extraAgentsOf(env: Pick<Env, "EXTRA_AGENTS">): readonly string[] {
  return readExtraAgents(env.EXTRA_AGENTS ?? "[]");
}

/** Reads a text once: it is the same for as long as this Worker runs. */
function reader<Value>(name: string, schema: z.ZodType<Value>): (text: string) => Value {
  let last: { readonly text: string; readonly value: Value } | null = null;
  return (text) => {
    if (last?.text !== text) last = { text, value: read(name, schema, text) };
    return last.value;
  };
}

function read<Value>(name: string, schema: z.ZodType<Value>, text: string): Value {
  const parsed = schema.safeParse(jsonOf(name, text));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${[name, ...path].join(".")}: ${message}`);
  throw new ConfigurationError(faults.join("; "));
}

function jsonOf(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ConfigurationError(`${name}: is not JSON`, { cause: error });
  }
}
