/**
 * The system view is what of this machine's own file system a sandboxed server sees, read-only: the system's directories,
 * without the secrets that the user running the machine host could read in them.
 */
import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  statSync,
} from "node:fs";
import { join } from "node:path";

import { nullOn } from "./errno.ts";
import { isWithin } from "./toolchains.ts";

export interface SystemView {
  readonly readOnly: readonly string[];
  /** Links at the root, such as /bin to usr/bin, as this machine has them. */
  readonly links: readonly { readonly path: string; readonly target: string }[];
  /** Files that are shown empty and directories that are shown empty. */
  readonly hiddenFiles: readonly string[];
  readonly hiddenDirectories: readonly string[];
}

const systemDirectories = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/opt"];

/** Configuration that may be a link to somewhere outside of the system's directories, such as /run/systemd/resolve. */
const linkedConfiguration = [
  "/etc/resolv.conf",
  "/etc/hosts",
  "/etc/localtime",
  "/etc/ssl/certs",
  "/etc/pki/tls/certs",
];

const secretFiles = [
  "/etc/shadow",
  "/etc/shadow-",
  "/etc/gshadow",
  "/etc/gshadow-",
  "/etc/sudoers",
  "/etc/krb5.keytab",
];
const secretDirectories = [
  "/etc/ssl/private",
  "/etc/sudoers.d",
  "/etc/wireguard",
  "/etc/openvpn",
  "/etc/NetworkManager/system-connections",
  "/etc/cloudflared",
  "/etc/letsencrypt",
  "/etc/kubernetes",
  "/etc/rancher",
];

export function readSystemView(): SystemView {
  const readOnly: string[] = [];
  const links: { path: string; target: string }[] = [];
  for (const path of systemDirectories) {
    const found = nullOn(["ENOENT"], () => lstatSync(path));
    if (found === null) continue;
    if (found.isSymbolicLink()) links.push({ path, target: readlinkSync(path) });
    else readOnly.push(path);
  }
  for (const path of linkedConfiguration) {
    const target = nullOn(["ENOENT", "EACCES", "ELOOP"], () => realpathSync(path));
    if (target !== null && !readOnly.some((directory) => isWithin(target, directory))) readOnly.push(target);
  }
  const hostKeys = (nullOn(["ENOENT", "EACCES"], () => readdirSync("/etc/ssh")) ?? [])
    .filter((name) => /^ssh_host_.*_key$/.test(name))
    .map((name) => join("/etc/ssh", name));
  return {
    readOnly,
    links,
    hiddenFiles: [...secretFiles, ...hostKeys].filter(isReadable),
    hiddenDirectories: secretDirectories.filter((path) => isReadable(path) && statSync(path).isDirectory()),
  };
}

/** What this user can't read, the sandbox can't either. */
function isReadable(path: string): boolean {
  return existsSync(path) && nullOn(["EACCES", "ENOENT", "EPERM"], () => accessSync(path, constants.R_OK)) !== null;
}
