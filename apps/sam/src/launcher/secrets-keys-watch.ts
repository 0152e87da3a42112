/** Looks after the file of the secrets' keys, so that a key which was added while the system runs is taken up. */
import { unwatchFile, watchFile } from "node:fs";

import type { DataDirectory } from "../data-directory/data-directory.ts";
import { readSecretsKeys, type SecretsKeys } from "../data-directory/secrets-keys.ts";
import type { SystemLog } from "./system-log.ts";

const lookIntervalMs = 1_000;

export interface SecretsKeysWatch {
  stop(): void;
}

/**
 * The file is looked at every second: it is replaced as a whole, which a watch on one file does not see everywhere.
 * @param onChange is given keys that can be used; a file that is gone or broken changes nothing.
 */
export function watchSecretsKeys(
  directory: DataDirectory,
  log: SystemLog,
  onChange: (keys: SecretsKeys) => void,
): SecretsKeysWatch {
  const look = () => {
    try {
      const keys = readSecretsKeys(directory);
      if (keys === null) log.write("error", "launcher", `${directory.secretsKeys} is gone; its keys stay in use`);
      else onChange(keys);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.write("error", "launcher", `${reason} The keys that were in use stay in use.`);
    }
  };
  watchFile(directory.secretsKeys, { interval: lookIntervalMs, persistent: false }, look);
  return { stop: () => unwatchFile(directory.secretsKeys, look) };
}
