/**
 * The installer as a process of its own, for a machine host: it installs agents for all of its nodes, outside of their
 * sandboxes, with the npm of the person whose machine it is.
 *
 *   node agent-installer.mjs install <agent> --cache DIR --recipes DIR     progress, then how it ended
 *   node agent-installer.mjs list --cache DIR --recipes DIR                a line for each agent
 *
 * It writes lines of JSON, and ends with 0 where the last one is good news, 1 where it isn't, 64 where it was called wrongly.
 * SIGTERM, or nobody who reads, ends the installation.
 */
import { isAbsolute } from "node:path";
import { parseArgs } from "node:util";

import type { InstallLine, InstallListLine } from "@sam/protocol/agent-install";

import { messageOf } from "../clipped-text.ts";
import { listRecipes } from "./agent-recipe.ts";
import { installAgent } from "./install-agent.ts";
import { InstallFailure, installFailure } from "./install-failure.ts";
import { conditionOf, installationFolder } from "./installation.ts";

const exitCodes = { good: 0, failed: 1, usage: 64 } as const;

interface Call {
  readonly command: "install" | "list";
  readonly agentId: string;
  readonly cache: string;
  readonly recipes: string;
}

function readCall(): Call | string {
  const { values, positionals } = parseArgs({
    options: { cache: { type: "string" }, recipes: { type: "string" } },
    allowPositionals: true,
  });
  const { cache = "", recipes = "" } = values;
  const [command, agentId = ""] = positionals;
  if (!isAbsolute(cache) || !isAbsolute(recipes)) return "--cache and --recipes must be absolute paths";
  if (command !== "install" && command !== "list") return "the command is install or list";
  return { command, agentId, cache, recipes };
}

/** Resolves when the line has left this process: what is only buffered would be lost at its exit. */
function say(line: InstallLine | InstallListLine): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  process.stdout.write(`${JSON.stringify(line)}\n`, () => resolve());
  return promise;
}

async function install({ agentId, cache, recipes }: Call): Promise<number> {
  const ending = new AbortController();
  const end = () => ending.abort(installFailure("interrupted", "The installation was ended in the middle."));
  process.on("SIGTERM", end);
  process.on("SIGINT", end);
  process.stdout.on("error", end);
  try {
    const onProgress = (bytes: number) => void say({ type: "progress", bytes });
    await say(await installAgent({ agentId, cache, recipes, env: process.env, signal: ending.signal, onProgress }));
    return exitCodes.good;
  } catch (error) {
    await say(asFailure(error).toLine());
    return exitCodes.failed;
  }
}

function asFailure(error: unknown): InstallFailure {
  if (error instanceof InstallFailure) return error;
  return installFailure("npm_failed", `The installer failed (${messageOf(error)}).`, error);
}

async function list({ cache, recipes }: Call): Promise<number> {
  for (const recipe of listRecipes(recipes)) {
    const condition = await conditionOf(installationFolder(cache, recipe), recipe);
    const { agentId, version, megabytes } = recipe;
    await say({ agentId, version, condition, megabytes });
  }
  return exitCodes.good;
}

async function main(): Promise<number> {
  const call = readCall();
  if (typeof call === "string") {
    process.stderr.write(`agent-installer: ${call}\n`);
    return exitCodes.usage;
  }
  return await (call.command === "install" ? install(call) : list(call));
}

process.exit(await main());
