/** The checks of what keeps nodes apart from the rest of this machine. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Isolation } from "@sam/domain/isolation";

import { inspectIsolation } from "../machine-host/machine-host.ts";
import type { Check } from "./check.ts";

/** Tries it out, as the machine host does at its start. */
export async function checkIsolation(): Promise<readonly Check[]> {
  if (process.platform !== "linux") return [notLinux];
  const trial = mkdtempSync(join(tmpdir(), "sam-doctor-"));
  try {
    return describeIsolation(await inspectIsolation({ dataDir: trial }));
  } finally {
    rmSync(trial, { recursive: true, force: true });
  }
}

const notLinux: Check = {
  name: "nodes",
  state: "missing",
  essential: true,
  finding: `this is ${process.platform}`,
  gives: "nodes on this machine",
  remedy: "The machine host needs Linux. Use a Linux VM, a container or WSL 2",
};

function describeIsolation({ processes, limits, reasons }: Isolation): readonly Check[] {
  const remedy = reasons.length === 0 ? null : reasons.join(" ");
  const contained = processes === "bubblewrap";
  const limited = limits !== "none" && limits !== "unknown";
  return [
    {
      name: "bubblewrap",
      state: contained ? "ok" : "limited",
      essential: false,
      finding: contained ? "works: each node is a sandbox" : "not in force: nodes are plain processes of yours",
      gives: "agents see their own files and processes, and none of yours",
      remedy: contained ? null : remedy,
    },
    {
      name: "cgroups",
      state: limits.startsWith("cgroup") ? "ok" : "limited",
      essential: false,
      finding: limited ? `limits by ${limits}` : "no limits on memory and processes",
      gives: "a node cannot take more memory, processes or CPU than it was given",
      remedy: limits.startsWith("cgroup") ? null : remedy,
    },
  ];
}
