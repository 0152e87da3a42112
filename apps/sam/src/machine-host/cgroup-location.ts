/**
 * Where this process stands in the machine's cgroup hierarchies: one directory per hierarchy. A server's own groups are
 * nested below these, so that whatever limits this process limits its servers too.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { nullOn } from "./errno.ts";

export interface CgroupLocation {
  /** The directory in the v2 hierarchy, if one is mounted. */
  readonly unified: { readonly directory: string; readonly mount: string } | null;
  /** The directory in the v1 hierarchy of each controller that has one. */
  readonly v1: ReadonlyMap<string, string>;
}

interface Mount {
  readonly root: string;
  readonly point: string;
  readonly options: readonly string[];
  readonly version: 1 | 2;
}

/** Reads /proc; where that can't be read, there are no cgroups. */
export function locateCgroups(): CgroupLocation {
  const read = (path: string): string => nullOn(["ENOENT", "EACCES"], () => readFileSync(path, "utf8")) ?? "";
  return parseCgroupLocation(read("/proc/self/cgroup"), read("/proc/self/mountinfo"));
}

/** @param cgroup the text of /proc/self/cgroup. @param mountinfo the text of /proc/self/mountinfo. */
export function parseCgroupLocation(cgroup: string, mountinfo: string): CgroupLocation {
  const mounts = parseMounts(mountinfo);
  const v1 = new Map<string, string>();
  let unified: CgroupLocation["unified"] = null;
  for (const line of cgroup.split("\n")) {
    const [, hierarchy, controllers, path] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) continue;
    if (hierarchy === "0") {
      const mount = mounts.find((candidate) => candidate.version === 2);
      if (mount !== undefined) unified = { directory: directoryIn(mount, path), mount: mount.point };
      continue;
    }
    for (const controller of controllers.split(",")) {
      const mount = mounts.find((candidate) => candidate.version === 1 && candidate.options.includes(controller));
      if (mount !== undefined) v1.set(controller, directoryIn(mount, path));
    }
  }
  return { unified, v1 };
}

function parseMounts(mountinfo: string): Mount[] {
  const mounts: Mount[] = [];
  for (const line of mountinfo.split("\n")) {
    const [left, right] = line.split(" - ");
    const [, , , root, point] = (left ?? "").split(" ");
    const [type, , options] = (right ?? "").split(" ");
    if (root === undefined || point === undefined || (type !== "cgroup" && type !== "cgroup2")) continue;
    mounts.push({
      root: unescape(root),
      point: unescape(point),
      options: (options ?? "").split(","),
      version: type === "cgroup2" ? 2 : 1,
    });
  }
  return mounts;
}

/** In a container the mount may show only a part of the hierarchy, and the path begins with that part's root. */
function directoryIn(mount: Mount, path: string): string {
  const inside = mount.root !== "/" && path.startsWith(mount.root) ? path.slice(mount.root.length) : path;
  return join(mount.point, inside.startsWith("/..") ? "/" : inside);
}

/** The kernel writes blanks and backslashes of a mount's path in octal. */
function unescape(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_all, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
