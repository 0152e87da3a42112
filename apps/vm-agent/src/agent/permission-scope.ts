/**
 * The scope of a permission is what a policy decides by: the kind of tool, and whether every place that it names lies in
 * the workspace. An agent's word for a place is resolved here; what can't be resolved, or is named in a form that only the
 * tool understands, lies outside.
 */
import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Isolation } from "@sam/domain/isolation";
import { toolKinds, type PermissionScope, type ToolKind } from "@sam/domain/permission-policy";

import type { ToolFacts } from "./tool-memory.ts";
import { realPath, wayInside } from "./workspace-path.ts";

/** Names under which tools take a place, in lower case with underscores. */
const placeNames =
  /(?:^|_)(?:path|paths|file|files|filename|filepath|folder|dir|directory|directories|cwd|root|uri|url|destination|source|target)$/;
const maxDepth = 4;
const maxPlaces = 200;

export async function scopeOf(workspace: string, tool: ToolFacts, isolation: Isolation): Promise<PermissionScope> {
  const places = placesOf(tool);
  const isEachInside = await Promise.all(places.slice(0, maxPlaces).map((place) => isInside(workspace, place)));
  return {
    toolKind: kindOf(tool.kind),
    insideWorkspace: places.length > 0 && places.length <= maxPlaces && isEachInside.every(Boolean),
    sandboxed: isolation.processes === "bubblewrap" || isolation.processes === "machine",
  };
}

function kindOf(kind: unknown): ToolKind {
  return toolKinds.find((known) => known === kind) ?? "other";
}

function placesOf({ locations, content, rawInput }: ToolFacts): string[] {
  const found = [...locations, ...content.flatMap(({ path }) => (path === null ? [] : [path]))];
  const walk = (value: unknown, isPlace: boolean, depth: number): void => {
    if (typeof value === "string") {
      if (isPlace) found.push(value);
    } else if (depth < maxDepth && typeof value === "object" && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        const isNamed = Array.isArray(value) ? isPlace : placeNames.test(underscored(key));
        walk(inner, isNamed, depth + 1);
      }
    }
  };
  walk(rawInput, false, 0);
  return found;
}

function underscored(key: string): string {
  return key.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
}

/** The repository's own configuration and hooks are not the work: git would run what is written there. */
async function isInside(workspace: string, place: string): Promise<boolean> {
  try {
    const path = pathOf(place);
    if (path === null) return false;
    const real = await realPath(isAbsolute(path) ? path : join(workspace, path));
    const way = real === null ? null : await wayInside(workspace, real);
    return way !== null && way !== ".git" && !way.startsWith(".git/");
  } catch {
    return false;
  }
}

/** @returns null for what a tool may expand in its own way, or what is no file. */
function pathOf(place: string): string | null {
  if (place === "" || /^[~$]/.test(place) || place.includes("\0")) return null;
  if (/^file:\/\//i.test(place)) return fileURLToPath(place);
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(place) ? null : place;
}
