/**
 * Who may know whom: domain <- protocol <- {control, web, sam, vm-agent}; only control imports providers; nothing
 * imports an app; no cycles (types aside), no barrels, no reaching into another workspace's files. Tests may import any
 * package. The simulator runs the logic of the apps, so it alone names their files.
 */
import { dirname, posix } from "node:path";

import { importsOf } from "./imports.mjs";

/** @typedef {import("./imports.mjs").Import} Import */
/** @typedef {{ path: string, source: string }} SourceFile `path` is below the root, with slashes */
/** @typedef {{ dependencies?: Record<string, string>, devDependencies?: Record<string, string> }} Manifest */
/** @typedef {{ path: string, line: number, problem: string }} Violation */

/** Workspace -> the packages of ours that it may import. @type {Record<string, string[]>} */
export const ALLOWED = {
  "packages/domain": [],
  "packages/protocol": ["domain"],
  "packages/providers": ["domain", "protocol"],
  "packages/sim": ["domain", "protocol", "providers"],
  "apps/control": ["domain", "protocol", "providers"],
  "apps/web": ["domain", "protocol"],
  "apps/sam": ["domain", "protocol"],
  "apps/vm-agent": ["domain", "protocol"],
  "apps/runbook": [],
};

const PACKAGES = new Set(["domain", "protocol", "providers", "sim"]);
const EXTENSIONS = /\.(ts|tsx|mts|js|mjs|json|sql|css)$/;

/** @param {string} path @returns {string | undefined} `apps/control` for `apps/control/src/…`; undefined outside */
export function workspaceOf(path) {
  return /^(apps|packages)\/[^/]+/.exec(path)?.[0];
}

/** @param {string} path */
function isTest(path) {
  return /\.test\.[a-z]+$|(^|\/)testing\/|^tests\/|^(apps|packages)\/[^/]+\/test\//.test(path);
}

/** What runs at development time only may use the root's tools. @param {string} path */
function isTooling(path) {
  return isTest(path) || /\.config\.ts$|\.d\.ts$/.test(path) || workspaceOf(path) === undefined;
}

/** @param {string} path @param {string} name the part after `@sam/` @returns {string | undefined} */
function problemWithOurs(path, name) {
  const [target = "", ...entry] = name.split("/");
  if (!PACKAGES.has(target)) return `imports the app @sam/${target}: nothing imports an app`;
  if (entry.length === 0) return `imports @sam/${target} as a whole: name an entry (@sam/${target}/task-lifecycle)`;
  if (entry[0] === "src" || EXTENSIONS.test(name))
    return `reaches into @sam/${target}: import a named entry, without path or extension`;
  const workspace = workspaceOf(path);
  if (workspace === undefined || isTest(path) || workspace === `packages/${target}`) return undefined;
  if (ALLOWED[workspace]?.includes(target)) return undefined;
  return `${workspace} must not import @sam/${target} (domain <- protocol <- apps; only control imports providers)`;
}

/** @param {string} path @param {string} specifier @returns {string | undefined} */
function problemWithRelative(path, specifier) {
  if (!EXTENSIONS.test(specifier)) return "is imported without its extension";
  const workspace = workspaceOf(path);
  const target = posix.join(dirname(path), specifier);
  if (workspaceOf(target) === workspace || path.startsWith("tests/")) return undefined;
  if (workspace === "packages/sim" && target.startsWith("apps/")) return undefined;
  return `leaves ${workspace ?? "the root"} by a relative path: import the package's named entry`;
}

/** @param {string} specifier @returns {string} `@scope/name` or `name` */
function packageNameOf(specifier) {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

/** @param {string} path @param {Import} found @param {Manifest} manifest @param {Manifest} rootManifest */
function problemWith(path, found, manifest, rootManifest) {
  const { specifier } = found;
  // workerd looks for a Durable Object's class in the Worker's main module, and nowhere else.
  if (found.reexport && path.endsWith("/worker.ts")) return undefined;
  if (found.reexport) return "is exported again: import it from the file that defines it (no barrels)";
  if (specifier.startsWith(".")) return problemWithRelative(path, specifier);
  if (/^(node|cloudflare):/.test(specifier)) return undefined;
  const ours = specifier.startsWith("@sam/") ? problemWithOurs(path, specifier.slice("@sam/".length)) : undefined;
  if (ours !== undefined) return ours;
  const name = packageNameOf(specifier);
  if (manifest.dependencies?.[name] !== undefined || manifest.devDependencies?.[name] !== undefined) return undefined;
  if (isTooling(path) && (rootManifest.devDependencies?.[name] !== undefined || name.startsWith("@sam/")))
    return undefined;
  return `is not in the dependencies of ${workspaceOf(path) ?? "the root"}/package.json`;
}

/** @param {string} path @param {Import} found @param {ReadonlySet<string>} paths @returns {string | undefined} the file that is meant */
function resolveOurs(path, found, paths) {
  const ours = /^@sam\/([^/]+)\/(.+)$/.exec(found.specifier);
  const target = found.specifier.startsWith(".")
    ? posix.join(dirname(path), found.specifier)
    : ours === null
      ? undefined
      : `packages/${ours[1]}/src/${ours[2]}.ts`;
  return target !== undefined && paths.has(target) ? target : undefined;
}

/** @param {ReadonlyMap<string, string[]>} graph @returns {string[][]} each cycle once, from its first file back to it */
export function findCycles(graph) {
  /** @type {string[][]} */
  const cycles = [];
  const done = new Set();
  /** @type {string[]} */
  const trail = [];
  /** @param {string} path */
  const visit = (path) => {
    const start = trail.indexOf(path);
    if (start >= 0) cycles.push([...trail.slice(start), path]);
    if (start >= 0 || done.has(path)) return;
    trail.push(path);
    for (const target of graph.get(path) ?? []) visit(target);
    trail.pop();
    done.add(path);
  };
  for (const path of graph.keys()) visit(path);
  return cycles;
}

/**
 * @param {SourceFile[]} files
 * @param {Record<string, Manifest>} manifests by workspace; the root's under `.`
 * @returns {Violation[]}
 */
export function checkDependencies(files, manifests) {
  const paths = new Set(files.map((file) => file.path));
  /** @type {Violation[]} */
  const violations = [];
  /** @type {Map<string, string[]>} */
  const graph = new Map();
  for (const { path, source } of files) {
    const workspace = workspaceOf(path);
    const imports = importsOf(source);
    if (/(^|\/)index\.[a-z]+$/.test(path))
      violations.push({ path, line: 1, problem: "is a barrel: name the file after its noun" });
    if (workspace !== undefined && ALLOWED[workspace] === undefined) {
      violations.push({
        path,
        line: 1,
        problem: `is in ${workspace}, which has no line in scripts/dependency-rules.mjs`,
      });
    }
    for (const found of imports) {
      const problem = problemWith(path, found, manifests[workspace ?? "."] ?? {}, manifests["."] ?? {});
      if (problem !== undefined)
        violations.push({ path, line: found.line, problem: `"${found.specifier}" ${problem}` });
    }
    // A type is gone at run time: a Worker's Env names its Durable Objects, and they name their Env.
    const followed = imports.filter((found) => !found.typeOnly);
    graph.set(
      path,
      followed.flatMap((found) => resolveOurs(path, found, paths) ?? []),
    );
  }
  for (const cycle of findCycles(graph)) {
    violations.push({ path: cycle[0] ?? "", line: 1, problem: `is in a cycle: ${cycle.join(" -> ")}` });
  }
  return violations;
}
