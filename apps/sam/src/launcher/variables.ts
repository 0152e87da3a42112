/** What the control plane of this machine is told of its installation, as texts by the names that the Worker reads. */
import packageJson from "../../package.json" with { type: "json" };
import type { DataDirectory } from "../data-directory/data-directory.ts";
import { loadExtraAgents } from "../data-directory/extra-agents.ts";
import type { Installation } from "../data-directory/installation.ts";
import { loadSecretsKeys } from "../data-directory/secrets-keys.ts";
import type { SettingOverrides } from "../data-directory/setting-overrides.ts";
import { drawFirstTask, readFirstTask } from "../first-task/first-task.ts";
import { ensureSampleRepository } from "../first-task/sample-repository.ts";
import type { Variables } from "./plane-variables.ts";
import type { SystemLog } from "./system-log.ts";

export interface VariablesOptions {
  readonly directory: DataDirectory;
  readonly installation: Installation;
  readonly settings: SettingOverrides;
  readonly log: SystemLog;
  readonly nowMs: number;
}

/** All but CONTROL_URL and OUTAGES, which are known later. Throws a CommandError or a UsageError for a broken file. */
export async function variablesOf(options: VariablesOptions): Promise<Variables> {
  const { directory, installation, settings, log, nowMs } = options;
  const sampleRepository = await sampleOf(directory, log);
  return {
    INSTALLATION_ID: installation.installationId,
    OWNER_ID: installation.ownerId,
    PROVIDER: "local",
    SETTINGS: JSON.stringify(settings),
    SAM_VERSION: packageJson.version,
    SECRETS_KEYS: JSON.stringify(loadSecretsKeys(directory, nowMs)),
    EXTRA_AGENTS: JSON.stringify(Object.keys(loadExtraAgents(directory))),
    // Drawn here, so that the control plane knows it before the task itself is submitted.
    FIRST_TASK_ID: readFirstTask(directory) ?? drawFirstTask(directory),
    ...(sampleRepository === null ? {} : { SAMPLE_REPOSITORY: sampleRepository }),
  };
}

/** Without a sample everything else works. */
async function sampleOf(directory: DataDirectory, log: SystemLog): Promise<string | null> {
  try {
    return await ensureSampleRepository(directory);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log.write("warn", "launcher", `there is no sample repository: ${reason}`);
    return null;
  }
}
