/** A bed for one test: a registry, a recipe of one agent, an empty cache, and a person with an npm of their own. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { type InstallLine, installLineSchema } from "@sam/protocol/agent-install";

import { installAgent, type InstallPlan } from "../install-agent.ts";
import { RegistryStandIn, type StandInPackage } from "./registry-stand-in.ts";

export interface RecipeOptions {
  readonly agentId?: string;
  readonly version?: string;
  readonly megabytes?: number;
  readonly start?: string;
}

const installerMain = join(import.meta.dirname, "../installer-main.ts");

export class InstallBed {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "sam-install-")));
  readonly cache = join(this.folder, "cache");
  readonly recipes = join(this.folder, "recipes");
  readonly home = join(this.folder, "home");
  readonly registry: RegistryStandIn;
  readonly progress: number[] = [];
  readonly #children: ChildProcess[] = [];

  private constructor(registry: RegistryStandIn) {
    this.registry = registry;
    mkdirSync(this.home);
  }

  /** With an agent `demo` of one package with the same name, which has a program and `padBytes` of noise. */
  static async make(padBytes = 0): Promise<InstallBed> {
    const bed = new InstallBed(await RegistryStandIn.start());
    const demo = bed.registry.add("demo", { "start.js": "console.log('demo runs')\n" }, padBytes);
    bed.writeRecipe([demo]);
    return bed;
  }

  async end(): Promise<void> {
    for (const child of this.#children) child.kill("SIGKILL");
    await this.registry.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  /** The recipe of an agent, `demo` unless it is named, which depends on these packages. */
  writeRecipe(packages: readonly StandInPackage[], options: RecipeOptions = {}): void {
    const { agentId = "demo", version = "1.0.0", megabytes = 1, start = "node_modules/demo/start.js" } = options;
    const dependencies = Object.fromEntries(packages.map((each) => [each.name, each.version]));
    const root = { name: `sam-agent-${agentId}`, version, dependencies };
    const locked = packages.map(({ name, version: of, integrity }) => [
      `node_modules/${name}`,
      { version: of, integrity },
    ]);
    const lockfile = {
      name: root.name,
      version,
      lockfileVersion: 3,
      requires: true,
      packages: { "": root, ...Object.fromEntries(locked) },
    };
    const manifest = { ...root, private: true, sam: { start, runtime: "node", megabytes } };
    const folder = join(this.recipes, agentId);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
    writeFileSync(join(folder, "package-lock.json"), JSON.stringify(lockfile));
  }

  /** What npm is run with. Its own cache is the home's, and so empty at first. */
  get env(): Record<string, string> {
    return { PATH: process.env["PATH"] ?? "", HOME: this.home, npm_config_registry: this.registry.url };
  }

  /** Installs `demo` in this process. */
  install(changes: Partial<InstallPlan> = {}): ReturnType<typeof installAgent> {
    return installAgent({
      agentId: "demo",
      cache: this.cache,
      recipes: this.recipes,
      env: this.env,
      signal: new AbortController().signal,
      onProgress: (bytes) => this.progress.push(bytes),
      ...changes,
    });
  }

  /** Installs `demo` in an installer's process. `wrap` comes before its command line. */
  start(wrap: readonly string[] = []): Installer {
    const command = [...wrap, process.execPath, installerMain, "install", "demo"];
    const places = ["--cache", this.cache, "--recipes", this.recipes];
    const child = spawn(command[0] ?? "", [...command.slice(1), ...places], {
      env: this.env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#children.push(child);
    return new Installer(child);
  }

  /** What is in the cache beside locks. */
  cached(): string[] {
    return existsSync(this.cache) ? readdirSync(this.cache).filter((name) => !name.endsWith(".lock")) : [];
  }

  tarballRequests(): number {
    return this.registry.requests.filter((path) => path.endsWith(".tgz")).length;
  }
}

export class Installer {
  readonly child: ChildProcess;
  readonly lines: InstallLine[] = [];
  readonly exited: Promise<number | null>;

  constructor(child: ChildProcess) {
    this.child = child;
    const { promise, resolve } = Promise.withResolvers<number | null>();
    this.exited = promise;
    child.once("close", (code) => resolve(code));
    if (child.stdout === null) throw new Error("it has no output");
    createInterface({ input: child.stdout }).on("line", (line) =>
      this.lines.push(installLineSchema.parse(JSON.parse(line))),
    );
  }

  async lastLine(): Promise<InstallLine | undefined> {
    await this.exited;
    return this.lines.at(-1);
  }
}
