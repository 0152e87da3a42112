/** What npm says of its own failure: a code, with `--json` on its output. Decided by the code, never by the words. */
import type { InstallFailureCode } from "@sam/protocol/agent-install";
import { z } from "zod";

import type { CommandOutcome } from "../process/run-command.ts";
import { type InstallFailure, installFailure } from "./install-failure.ts";

const errorSchema = z.object({
  error: z.object({ code: z.string().max(64), summary: z.string().default(""), detail: z.string().default("") }),
});

const maxDetailLength = 1_500;

const network = [
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "ESOCKETTIMEDOUT",
  "ERR_SOCKET_TIMEOUT",
  "EIDLETIMEOUT",
  "ECONNECTIONTIMEOUT",
  "ERESPONSETIMEOUT",
  "ETRANSFERTIMEOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENETDOWN",
  "EPIPE",
  "EPROTO",
  // Told to work offline, and not all of it is in npm's own cache.
  "ENOTCACHED",
  "E408",
  "E429",
  "E500",
  "E502",
  "E503",
  "E504",
];

const codes: ReadonlyMap<string, InstallFailureCode> = new Map<string, InstallFailureCode>([
  ...network.map((code): [string, InstallFailureCode] => [code, "registry_unreachable"]),
  ["E401", "registry_refused"],
  ["E403", "registry_refused"],
  ["ENEEDAUTH", "registry_refused"],
  ["EOTP", "registry_refused"],
  ["E404", "package_missing"],
  ["ETARGET", "package_missing"],
  ["ENOVERSIONS", "package_missing"],
  ["EINTEGRITY", "integrity_mismatch"],
  ["ENOSPC", "disk_full"],
  ["EDQUOT", "disk_full"],
  ["EACCES", "cache_unusable"],
  ["EPERM", "cache_unusable"],
  ["EROFS", "cache_unusable"],
  ["EBADPLATFORM", "machine_unsupported"],
]);

const facts: { readonly [Code in InstallFailureCode]?: string } = {
  registry_unreachable: "The package registry could not be reached, or did not answer to the end",
  registry_refused: "The package registry refused what npm asked for",
  package_missing: "The package registry that npm is configured with does not have a package of this agent",
  integrity_mismatch: "A package that arrived has another hash than the lockfile names",
  disk_full: "The disk is full",
  cache_unusable: "npm may not write where it has to",
  machine_unsupported: "This agent has no build for this kind of machine",
};

/** @param fullDisk evidence that the disk was full while npm worked, or null. */
export function failureOfNpm(outcome: CommandOutcome, fullDisk: string | null): InstallFailure {
  const said = errorSchema.safeParse(jsonOrNull(outcome.stdout.toString("utf8")));
  const { code: npmCode, summary, detail } = said.success ? said.data.error : { code: null, summary: "", detail: "" };
  // npm goes on past some writes that failed, and then complains of what follows from them.
  const code = fullDisk !== null ? "disk_full" : (codes.get(npmCode ?? "") ?? "npm_failed");
  const words = [summary, detail].filter((text) => text !== "").join("\n") || outcome.stderrTail.trim();
  const fact = facts[code] ?? `npm ended with ${outcome.signal ?? `exit code ${outcome.exitCode ?? "unknown"}`}`;
  const evidence = [npmCode ?? "", words.slice(0, maxDetailLength), fullDisk ?? ""].filter((text) => text !== "");
  return installFailure(code, `${fact} (${evidence.join(": ") || "it said nothing"}).`);
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
