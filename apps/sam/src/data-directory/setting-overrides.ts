/** The settings that this installation changes: `settings.json`, and over it the variable SAM_SETTINGS. */
import { defaultSettings, isSettingName, type SettingName } from "@sam/domain/settings";

import { UsageError } from "../exit-code.ts";
import type { DataDirectory } from "./data-directory.ts";
import { parseJson, readFileIfThere } from "./files.ts";

export type SettingOverrides = { readonly [Name in SettingName]?: number };

/** Throws a UsageError that names each bad field. */
export function loadSettingOverrides(directory: DataDirectory, env: NodeJS.ProcessEnv = process.env): SettingOverrides {
  return {
    ...parseOverrides(directory.settings, readFileIfThere(directory.settings)),
    ...parseOverrides("SAM_SETTINGS", env["SAM_SETTINGS"] ?? null),
  };
}

/** `source` is the name by which a person finds the text again. */
export function parseOverrides(source: string, text: string | null): SettingOverrides {
  if (text === null || text.trim() === "") return {};
  const value = parseJson(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new UsageError(
      `${source} is not a JSON object of settings, such as {"warmMs": 600000}. Put it right or remove it; nothing was started.`,
    );
  }
  const problems: string[] = [];
  const overrides: { [Name in SettingName]?: number } = {};
  for (const [name, setting] of Object.entries(value)) {
    if (!isSettingName(name)) problems.push(`${name}: there is no such setting`);
    else if (typeof setting !== "number" || !Number.isSafeInteger(setting) || setting < 1) {
      problems.push(`${name}: must be a whole number of at least 1 (the default is ${defaultSettings[name]})`);
    } else overrides[name] = setting;
  }
  if (problems.length === 0) return overrides;
  throw new UsageError(
    `${source} has settings that cannot be used:\n${problems.map((problem) => `  ${problem}`).join("\n")}\n` +
      `The names are: ${Object.keys(defaultSettings).join(", ")}. Nothing was started.`,
  );
}
