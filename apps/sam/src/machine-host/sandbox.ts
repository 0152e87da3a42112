/**
 * The sandbox is bubblewrap's: PID, IPC, UTS and cgroup namespaces of its own and a file system that is made of what is
 * listed here and of nothing else. It dies with the machine host, and everything in it dies with its first process.
 */
import type { SystemView } from "./system-view.ts";
import { isWithin, type Toolchains } from "./toolchains.ts";

export interface Sandbox {
  /** Absolute path of bwrap. */
  readonly program: string;
  readonly system: SystemView;
  readonly toolchains: Toolchains;
  /** Hidden even where they stand in a visible directory. Real paths. */
  readonly home: string;
  readonly dataDir: string;
  /** Further paths to be seen read-only: Node, SAM's own programs, what the user allows. Real paths. */
  readonly readOnly: readonly string[];
}

export interface SandboxedCommand {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly hostname: string;
  /** Writable, at its own path, and the working directory; null for a trial run. */
  readonly disk: string | null;
  /** A file descriptor on which bwrap reports the pid of the namespace's first process, as seen from outside. */
  readonly infoFd: number | null;
}

/**
 * What root keeps inside, of what root may: enough to unpack archives and to change users, but not to mount, to make
 * device files or to trace. An ordinary user has no capabilities inside.
 */
const rootCapabilities = [
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_FOWNER",
  "CAP_FSETID",
  "CAP_KILL",
  "CAP_SETGID",
  "CAP_SETUID",
  "CAP_NET_BIND_SERVICE",
];

/** @returns the whole command line, bwrap's own path first. */
export function sandboxed(sandbox: Sandbox, request: SandboxedCommand): string[] {
  const isRoot = process.getuid?.() === 0;
  return [
    sandbox.program,
    ...["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"],
    ...["--hostname", request.hostname, "--die-with-parent", "--new-session", "--clearenv"],
    ...(isRoot ? ["--cap-drop", "ALL", ...rootCapabilities.flatMap((name) => ["--cap-add", name])] : []),
    ...systemArguments(sandbox),
    ...sandbox.toolchains.readOnly.flatMap(readOnlyBind),
    // After everything that may lie around it, before what is shown of it.
    ...(isVisible(sandbox, sandbox.dataDir) ? ["--tmpfs", sandbox.dataDir] : []),
    ...sandbox.readOnly.flatMap(readOnlyBind),
    ...(request.disk === null ? [] : ["--bind", request.disk, request.disk, "--chdir", request.disk]),
    ...Object.entries(request.environment).flatMap(([name, value]) => ["--setenv", name, value]),
    ...(request.infoFd === null ? [] : ["--info-fd", String(request.infoFd)]),
    // A file written beside the disk would be lost without a word: better refused.
    ...["--remount-ro", "/", "--", ...request.command],
  ];
}

function systemArguments(sandbox: Sandbox): string[] {
  const { system } = sandbox;
  const temporary = ["/tmp", "/var/tmp"].flatMap((path) => ["--perms", "1777", "--tmpfs", path]);
  return [
    ...["--proc", "/proc", "--dev", "/dev", ...temporary, "--tmpfs", "/run"],
    ...system.readOnly.flatMap((path) => ["--ro-bind", path, path]),
    ...system.links.flatMap(({ path, target }) => ["--symlink", target, path]),
    ...system.hiddenFiles.flatMap((path) => ["--ro-bind", "/dev/null", path]),
    ...system.hiddenDirectories.flatMap((path) => ["--tmpfs", path]),
    ...(system.readOnly.some((path) => isWithin(sandbox.home, path)) ? ["--tmpfs", sandbox.home] : []),
  ];
}

function isVisible(sandbox: Sandbox, path: string): boolean {
  return [...sandbox.system.readOnly, ...sandbox.toolchains.readOnly].some((shown) => isWithin(path, shown));
}

/** A toolchain may be removed between two starts of a server. */
function readOnlyBind(path: string): string[] {
  return ["--ro-bind-try", path, path];
}
