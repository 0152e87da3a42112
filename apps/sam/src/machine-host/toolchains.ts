/**
 * A toolchain is what makes a directory on the user's PATH work: the prefix around `bin`, a version manager's own home, or
 * the packages that links in `~/.local/bin` lead to. A server sees toolchains read-only, and nothing else of a home
 * directory: neither keys nor configuration nor other projects.
 */
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { nullOn } from "./errno.ts";
import type { HostEnvironment } from "./host-environment.ts";

export interface Toolchains {
  /** The user's PATH as a server has it: real directories, in the user's order. */
  readonly path: readonly string[];
  /** What must be visible for it to work. */
  readonly readOnly: readonly string[];
  /** Where version managers look for their own home, since HOME is another one in a server. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Homes of version managers, relative to the user's; none of these keeps secrets there. */
const managers: readonly { readonly home: string; readonly variable?: string }[] = [
  { home: ".nvm", variable: "NVM_DIR" },
  { home: ".volta", variable: "VOLTA_HOME" },
  { home: ".local/share/fnm", variable: "FNM_DIR" },
  { home: ".nodenv", variable: "NODENV_ROOT" },
  { home: ".asdf", variable: "ASDF_DATA_DIR" },
  { home: ".local/share/mise", variable: "MISE_DATA_DIR" },
  { home: ".pyenv", variable: "PYENV_ROOT" },
  { home: ".rbenv", variable: "RBENV_ROOT" },
  { home: ".goenv", variable: "GOENV_ROOT" },
  { home: ".jenv", variable: "JENV_ROOT" },
  { home: ".sdkman", variable: "SDKMAN_DIR" },
  { home: ".dotnet", variable: "DOTNET_ROOT" },
  { home: ".local/share/pnpm" },
  { home: ".local/share/uv" },
  { home: ".bun" },
  { home: ".deno" },
  { home: ".ghcup" },
  { home: ".opam", variable: "OPAMROOT" },
  { home: ".juliaup" },
  { home: ".elan", variable: "ELAN_HOME" },
];

/** Package managers that keep a whole prefix outside the system's directories. */
const outsidePrefixes = ["/nix", "/gnu", "/snap", "/home/linuxbrew/.linuxbrew"];

/** A prefix has one of these beside its `bin`. */
const prefixMarks = ["lib", "lib64", "libexec", "include", "share"];

const standardPath = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
const maxLinks = 1_000;

export function findToolchains(host: HostEnvironment): Toolchains {
  const home = realpathOrNull(host.home) ?? host.home;
  const path = new Set<string>();
  const readOnly = new Set<string>();
  const environment: Record<string, string> = {};
  for (const entry of host.path.split(":")) {
    const directory = entry.startsWith("/") ? realpathOrNull(entry) : null;
    if (directory === null || isForeign(entry)) continue;
    path.add(directory);
    if (isSystem(directory)) continue;
    for (const needed of neededBy(directory, home)) readOnly.add(needed);
    Object.assign(environment, variablesFor(directory, home));
  }
  if (path.has(join(home, ".cargo/bin"))) {
    // The programs there are rustup's; the rest of ~/.cargo may hold a registry token.
    const rustup = join(home, ".rustup");
    if (existsSync(rustup)) {
      readOnly.add(rustup);
      environment["RUSTUP_HOME"] = rustup;
    }
  }
  for (const directory of standardPath) if (existsSync(directory)) path.add(directory);
  return { path: [...path], readOnly: [...readOnly].filter((needed) => !isWithin(home, needed)), environment };
}

/** @returns whether `path` is `directory` or below it. */
export function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory === "/" ? "/" : `${directory}/`);
}

/** Directories that npm puts in front while it runs a script are SAM's own, and Windows' programs leave the sandbox. */
function isForeign(entry: string): boolean {
  return /\/node_modules\/\.bin\/?$/.test(entry) || /\/node-gyp-bin\/?$/.test(entry) || /^\/mnt\/[a-z]\//.test(entry);
}

function isSystem(directory: string): boolean {
  return ["/usr", "/bin", "/sbin", "/opt"].some((system) => isWithin(directory, system));
}

function variablesFor(directory: string, home: string): Record<string, string> {
  const manager = managers.find((candidate) => isWithin(directory, join(home, candidate.home)));
  return manager?.variable === undefined ? {} : { [manager.variable]: join(home, manager.home) };
}

function neededBy(directory: string, home: string): string[] {
  const manager = managers.find((candidate) => isWithin(directory, join(home, candidate.home)));
  if (manager !== undefined) return [join(home, manager.home)];
  const outside = outsidePrefixes.find((prefix) => isWithin(directory, prefix));
  if (outside !== undefined) return [outside];
  if (isPrefix(directory, home)) return [dirname(directory)];
  return [directory, ...linkedFrom(directory, home)];
}

/** `X/bin` where X holds a toolchain. Not `~/.local`, which keeps keyrings too, nor a checkout, which is someone's work. */
function isPrefix(directory: string, home: string): boolean {
  const prefix = dirname(directory);
  if (basename(directory) !== "bin" || isWithin(home, prefix) || prefix === join(home, ".local")) return false;
  if (basename(prefix) === ".cargo" || existsSync(join(prefix, ".git"))) return false;
  return prefixMarks.some((mark) => existsSync(join(prefix, mark)));
}

/** Where the links of a directory lead that is no prefix, such as `~/.local/bin`. */
function linkedFrom(directory: string, home: string): string[] {
  const needed = new Set<string>();
  const entries = nullOn(["EACCES", "ENOTDIR"], () => readdirSync(directory, { withFileTypes: true })) ?? [];
  const links = entries.filter((entry) => entry.isSymbolicLink());
  for (const link of links.slice(0, maxLinks)) {
    const target = realpathOrNull(join(directory, link.name));
    if (target === null || isSystem(target) || isWithin(target, directory)) continue;
    needed.add(packageAround(target, home));
  }
  return [...needed];
}

function packageAround(target: string, home: string): string {
  const manager = managers.find((candidate) => isWithin(target, join(home, candidate.home)));
  if (manager !== undefined) return join(home, manager.home);
  const [, npmPackage] = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(target) ?? [];
  if (npmPackage !== undefined) return npmPackage;
  return isPrefix(dirname(target), home) ? dirname(dirname(target)) : target;
}

function realpathOrNull(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}
