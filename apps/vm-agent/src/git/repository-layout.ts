/**
 * A repository laid out by hand: the files that gitrepository-layout(5) asks for and no others. It saves a process each,
 * brings no template and so no hook, and says by itself what the configuration is.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export interface RepositoryPlan {
  /** The git directory. */
  readonly folder: string;
  /** `ref: refs/heads/…` or an object id. */
  readonly head: string;
  /** Sections with their settings, such as `core` or `remote "origin"`. */
  readonly config: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Object folders of other repositories that this one borrows from. */
  readonly alternates: readonly string[];
  /** Full ref name to object id. */
  readonly refs: ReadonlyMap<string, string>;
  /** Further files by their path in the git directory. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Writes the git directory anew. `HEAD` is last: without it nobody takes the folder for a repository. */
export function layOutRepository(plan: RepositoryPlan): void {
  for (const folder of ["objects/info", "objects/pack", "refs/heads", "info"]) {
    mkdirSync(join(plan.folder, folder), { recursive: true });
  }
  writeFileSync(join(plan.folder, "config"), configText(plan.config));
  if (plan.alternates.length > 0) {
    writeFileSync(join(plan.folder, "objects/info/alternates"), plan.alternates.map((path) => `${path}\n`).join(""));
  }
  if (plan.refs.size > 0) writeFileSync(join(plan.folder, "packed-refs"), packedRefs(plan.refs));
  for (const [path, text] of Object.entries(plan.files ?? {})) {
    mkdirSync(dirname(join(plan.folder, path)), { recursive: true });
    writeFileSync(join(plan.folder, path), text);
  }
  writeFileSync(join(plan.folder, "HEAD"), `${plan.head}\n`);
}

export function configText(config: RepositoryPlan["config"]): string {
  return Object.entries(config)
    .map(([section, settings]) => {
      const lines = Object.entries(settings).map(([name, value]) => `\t${name} = ${quoted(value)}\n`);
      return `[${section}]\n${lines.join("")}`;
    })
    .join("");
}

/** The format that `git pack-refs` writes, sorted by the bytes of the names. */
function packedRefs(refs: ReadonlyMap<string, string>): string {
  const lines = [...refs].map(([name, id]) => ({ name: Buffer.from(name), id }));
  lines.sort((left, right) => Buffer.compare(left.name, right.name));
  return lines.map(({ name, id }) => `${id} ${name.toString()}\n`).join("");
}

function quoted(value: string): string {
  const escaped = value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n").replaceAll("\t", "\\t");
  return `"${escaped}"`;
}
