/** What a machine host takes from the environment of whoever started it; a server sees no more of it than this. */
import { homedir } from "node:os";

export interface HostEnvironment {
  /** Directories with programs, as in PATH. */
  readonly path: string;
  /** The user's home directory: hidden from servers, except for toolchains. */
  readonly home: string;
  readonly lang: string;
}

export function readHostEnvironment(env: Readonly<Record<string, string | undefined>>): HostEnvironment {
  return {
    path: env["PATH"] ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    home: env["HOME"] ?? homedir(),
    lang: env["LANG"] ?? "C.UTF-8",
  };
}
