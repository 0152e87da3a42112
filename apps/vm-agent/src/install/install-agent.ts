/**
 * The installation of an agent at first use: what its lockfile names, fetched with npm into a folder of its own, looked
 * over, and put in its place in one step. Whoever asks while it is being made waits for it; what is whole is found in a
 * few hundredths of a second.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import type { InstalledLine } from "@sam/protocol/agent-install";

import { messageOf } from "../clipped-text.ts";
import { logFact } from "../log.ts";
import { runCommand } from "../process/run-command.ts";
import { diskSpace, DiskWatch } from "../workspace/disk-space.ts";
import { removeFolder } from "../workspace/remove-folder.ts";
import { bytesInTheMaking, leftovers, lockPath, makePlace, openCache, putInPlace } from "./agent-cache.ts";
import { type AgentRecipe, readRecipe } from "./agent-recipe.ts";
import { InstallFailure, installFailure } from "./install-failure.ts";
import { withInstallLock } from "./install-lock.ts";
import { watchGrowth } from "./install-watch.ts";
import { conditionOf, installationFolder, installedLine, isStartable, noteUse, writeStamp } from "./installation.ts";
import { type Environment, runNpmCi } from "./npm-ci.ts";
import { failureOfNpm } from "./npm-error.ts";
import { removeOld } from "./old-installations.ts";

export interface InstallPlan {
  readonly agentId: string;
  /** Absolute. */
  readonly cache: string;
  /** The folder with the recipes. */
  readonly recipes: string;
  /** What npm is run with. */
  readonly env: Environment;
  /** An abort ends npm, and nothing is kept. */
  readonly signal: AbortSignal;
  /** Bytes on disk so far, whenever they have grown, at most once a second. */
  readonly onProgress: (bytes: number) => void;
  readonly limits?: Partial<InstallLimits>;
}

export interface InstallLimits {
  readonly totalMs: number;
  /** Without a byte more. */
  readonly stalledMs: number;
}

/** A little less than what the step of the task allows, so that what failed here is what is told. */
const defaultLimits: InstallLimits = { totalMs: 25 * 60_000, stalledMs: 4 * 60_000 };
const syncMs = 60_000;
const megabyte = 1_000_000;

/** @throws InstallFailure; the signal's reason where it is aborted. */
export async function installAgent(plan: InstallPlan): Promise<InstalledLine> {
  const { agentId, cache } = plan;
  const recipe = readRecipe(plan.recipes, agentId);
  const folder = installationFolder(cache, recipe);
  plan.signal.throwIfAborted();
  if ((await conditionOf(folder, recipe)) !== "whole") await installAnew(plan, recipe, folder);
  noteUse(folder, new Date());
  await removeOld(cache, agentId, folder, Date.now()).catch((error: unknown) => {
    logFact("old_agents_not_removed", { agentId, error: messageOf(error) });
  });
  return installedLine(folder, recipe);
}

async function installAnew(plan: InstallPlan, recipe: AgentRecipe, folder: string): Promise<void> {
  const { agentId, cache, onProgress } = plan;
  const limits = { ...defaultLimits, ...plan.limits };
  openCache(cache);
  const ending = new AbortController();
  const end = (failure: InstallFailure) => ending.abort(failure);
  const deadline = setTimeout(() => end(tookTooLong(limits.totalMs)), limits.totalMs);
  const stopWatch = watchGrowth({
    measure: () => bytesInTheMaking(cache, agentId),
    stalledMs: limits.stalledMs,
    onGrowth: onProgress,
    onStalled: () => end(stalled(limits.stalledMs)),
  });
  const signal = AbortSignal.any([plan.signal, ending.signal]);
  try {
    await withInstallLock(lockPath(cache, agentId), signal, async () => {
      // Whoever held the lock may have installed it.
      if ((await conditionOf(folder, recipe)) === "whole") return;
      for (const left of await leftovers(cache, agentId)) await removeLeftover(left);
      await make({ ...plan, signal }, recipe, folder);
    });
  } finally {
    clearTimeout(deadline);
    stopWatch();
  }
}

async function make(plan: InstallPlan, recipe: AgentRecipe, folder: string): Promise<void> {
  const { agentId, cache } = plan;
  requireSpace(cache, recipe);
  const made = makePlace(cache, agentId);
  try {
    await fill(plan, recipe, made);
    await putInPlace(cache, agentId, made, folder);
  } finally {
    await removeLeftover(made);
  }
}

async function fill({ cache, env, signal }: InstallPlan, recipe: AgentRecipe, made: string): Promise<void> {
  const watch = new DiskWatch([cache]);
  try {
    writeFileSync(join(made, "package.json"), recipe.manifest);
    writeFileSync(join(made, "package-lock.json"), recipe.lockfile);
    const outcome = await runNpmCi({ folder: made, env, signal });
    if (outcome.exitCode !== 0) throw failureOfNpm(outcome, watch.stop());
    if (!isStartable(made, recipe)) {
      throw installFailure("incomplete", `npm was content, but ${recipe.start} is not there.`);
    }
    // A stamp must not reach the disk before what it vouches for.
    const sync = ["sync", "-f", made];
    await runCommand({ command: sync, cwd: made, env: { PATH: env["PATH"] ?? "" }, timeoutMs: syncMs, signal });
    await writeStamp(made, recipe);
  } catch (error) {
    const fullDisk = watch.stop();
    if (error instanceof InstallFailure || signal.aborted || fullDisk === null) throw error;
    throw installFailure("disk_full", `The disk is full (${fullDisk}).`, error);
  } finally {
    watch.stop();
  }
}

/** What npm needs beside it, for its own cache, depends on how npm is configured. */
function requireSpace(cache: string, { agentId, megabytes }: AgentRecipe): void {
  const free = Math.floor(diskSpace(cache).freeBytes / megabyte);
  if (free >= megabytes) return;
  throw installFailure(
    "disk_full",
    `${agentId} needs about ${megabytes} MB, and the disk of ${cache} has ${free} MB left.`,
  );
}

/** What can't be removed now is removed at a later use. */
async function removeLeftover(path: string): Promise<void> {
  await removeFolder(path).catch((error: unknown) => {
    logFact("leftover_not_removed", { path, error: messageOf(error) });
  });
}

function tookTooLong(totalMs: number): InstallFailure {
  return installFailure("timed_out", `The installation took longer than ${Math.round(totalMs / 60_000)} minutes.`);
}

function stalled(stalledMs: number): InstallFailure {
  return installFailure("stalled", `Nothing more arrived for ${Math.round(stalledMs / 1000)} seconds.`);
}
