/**
 * The disk under all nodes of a run: a small file system that can be filled. It is mounted in a mount namespace that the
 * run has for itself, so it is gone when the run is, however it ends; where none can be had, the disk is not filled.
 */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const insideVariable = "SAM_CHAOS_HAS_NAMESPACE";
const megabytes = 600;
const timeoutMs = 10_000;
const copyTimeoutMs = 60_000;
const chunkBytes = 8 * 1024 * 1024;

/** An ordinary user has no mounts but those of a user namespace of their own. */
const ways = [["--mount"], ["--user", "--map-root-user", "--mount"]];

export function hasNamespace(): boolean {
  return process.env[insideVariable] !== undefined;
}

/** Runs this same command once more in a mount namespace. @returns its exit code; null where there is no namespace to be had. */
export async function runInNamespace(): Promise<number | null> {
  const way = ways.find((args) => spawnSync("unshare", [...args, "true"], { timeout: timeoutMs }).status === 0);
  if (way === undefined) return null;
  const command = [...way, process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const child = spawn("unshare", command, { stdio: "inherit", env: { ...process.env, [insideVariable]: "1" } });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.once("error", reject);
  child.once("close", (code) => resolve(code ?? 1));
  return promise;
}

export class SmallDisk {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** @returns null where this run has no namespace to mount it in. */
  static mount(path: string): SmallDisk | null {
    if (!hasNamespace()) return null;
    mkdirSync(path, { recursive: true });
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "none", path], { timeout: timeoutMs });
    return new SmallDisk(path);
  }

  /** Fills it to the last byte. @returns what makes room again. */
  fill(): () => void {
    const folder = join(this.#path, ".filling");
    mkdirSync(folder, { recursive: true });
    const chunk = Buffer.alloc(chunkBytes);
    for (let index = 0; this.#free() > 0; index += 1) {
      try {
        writeFileSync(join(folder, String(index)), chunk.subarray(0, Math.min(chunkBytes, this.#free())));
      } catch {
        break;
      }
    }
    return () => rmSync(folder, { recursive: true, force: true });
  }

  /** Copies all of it to a folder that is not there yet. */
  copyTo(folder: string): void {
    execFileSync("cp", ["--archive", this.#path, folder], { timeout: copyTimeoutMs });
  }

  unmount(): void {
    execFileSync("umount", [this.#path], { timeout: timeoutMs });
  }

  #free(): number {
    const { bsize, bavail } = statfsSync(this.#path);
    return bsize * bavail;
  }
}
