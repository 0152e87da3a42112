/**
 * A stage is the folder that a system has in front of its PATH, and by which a test holds a real step: the nodes see it,
 * and can't write it. It has gates, a `bwrap` in front of the real one, a VM agent that waits before it begins, and a
 * stand-in agent. A gate is shut while its file is there.
 */
import { execFileSync } from "node:child_process";
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where a sandbox waits before it is made. */
export const provisioningGate = "provisioning";
/** Where a VM agent waits before it begins. */
export const bootGate = "boot";

const apps = fileURLToPath(new URL("../../../apps", import.meta.url));
const sandboxes = ["/usr/local/bin/bwrap", "/usr/bin/bwrap", "/bin/bwrap"];

export interface StageOptions {
  readonly isolation: "auto" | "plain";
  readonly timings?: Readonly<Record<string, number>>;
  /** Code that each VM agent runs before it begins. */
  readonly prelude?: string;
}

export class Stage {
  readonly folder: string;
  /** For SAM_BUNDLES_DIR. */
  readonly bundles: string;
  readonly standInAgent: string;

  /** @param options `timings`: waits of the VM agents' own that are shortened, by name. */
  constructor(folder: string, options: StageOptions) {
    this.folder = folder;
    this.bundles = join(folder, "bundles");
    this.standInAgent = join(folder, "stand-in-agent.mjs");
    mkdirSync(join(folder, "gates"), { recursive: true });
    copyFileSync(new URL("stand-in-agent.mjs", import.meta.url), this.standInAgent);
    this.#addBundles(options.timings ?? {}, options.prelude ?? "");
    const sandbox = options.isolation === "plain" ? null : (sandboxes.find((path) => existsSync(path)) ?? null);
    this.#addProgram("bwrap", sandbox === null ? "exit 1\n" : sandboxWrapper(sandbox, this.#sandboxHold, this));
  }

  get #sandboxHold(): string {
    return join(this.folder, "sandbox-hold");
  }

  gatePath(name: string): string {
    return join(this.folder, "gates", name);
  }

  shut(name: string): void {
    writeFileSync(this.gatePath(name), "");
  }

  open(name: string): void {
    rmSync(this.gatePath(name), { force: true });
  }

  /** From now on a sandbox stands still while it is being made, after bubblewrap has let its first process go. */
  holdSandbox(): void {
    execFileSync("mkfifo", [this.#sandboxHold], { timeout: 5_000 });
  }

  letSandboxGoOn(): void {
    if (!existsSync(this.#sandboxHold)) return;
    // Opened for both, so that nobody needs to be reading.
    const hold = openSync(this.#sandboxHold, constants.O_RDWR);
    writeSync(hold, "on");
    closeSync(hold);
    rmSync(this.#sandboxHold);
  }

  /** Opens every gate, now and for good. */
  openAll(): void {
    this.letSandboxGoOn();
    rmSync(join(this.folder, "gates"), { recursive: true, force: true });
  }

  /** @returns shell code that waits until the gate is open. */
  wait(name: string): string {
    return `while [ -e '${this.gatePath(name)}' ]; do sleep 0.05; done`;
  }

  /** The built ones, but for a VM agent that waits at its gate first, and no longer than it is told for other things. */
  #addBundles(timings: Readonly<Record<string, number>>, prelude: string): void {
    for (const app of ["control", "runbook", "sam", "web"]) {
      mkdirSync(this.bundles, { recursive: true });
      symlinkSync(join(apps, app), join(this.bundles, app));
    }
    mkdirSync(join(this.bundles, "vm-agent/dist"), { recursive: true });
    const built = readFileSync(join(apps, "vm-agent/dist/vm-agent.mjs"), "utf8");
    const wait = `import { existsSync as isShut } from "node:fs";
while (isShut(${JSON.stringify(this.gatePath(bootGate))})) await new Promise((resolve) => setTimeout(resolve, 50));
process.env["SAM_TIMINGS"] = ${JSON.stringify(JSON.stringify(timings))};
${prelude}
`;
    writeFileSync(join(this.bundles, "vm-agent/dist/vm-agent.mjs"), wait + built);
    for (const beside of ["dist/agent-installer.mjs", "agents"]) {
      symlinkSync(join(apps, "vm-agent", beside), join(this.bundles, "vm-agent", beside));
    }
  }

  #addProgram(name: string, script: string): void {
    writeFileSync(join(this.folder, name), `#!/bin/sh\n${script}`, { mode: 0o755 });
  }
}

/** The machine host first tries the sandbox out, on a host named `probe`; that passes at once. */
function sandboxWrapper(program: string, hold: string, stage: Stage): string {
  return `PATH=/usr/local/bin:/usr/bin:/bin
case " $* " in *" --hostname probe "*) exec ${program} "$@" ;; esac
# As the real one does: whoever waits here dies with the machine host.
[ "$1" = --held ] || exec setpriv --pdeathsig KILL "$0" --held "$@"
shift
${stage.wait(provisioningGate)}
[ -p '${hold}' ] || exec ${program} "$@"
exec 9<>'${hold}'
exec ${program} --block-fd 9 "$@"
`;
}
