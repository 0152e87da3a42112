/** The committed recipes: they pin what the catalog names, to the last package, and name no registry. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { agentCatalog, catalogAgentIds, type CatalogAgentId } from "@sam/domain/agent-catalog";
import { describe, expect, it } from "vitest";

import { listRecipes, readRecipe } from "./agent-recipe.ts";

const recipes = join(import.meta.dirname, "../../agents");

interface Lockfile {
  readonly packages: Record<
    string,
    { version?: string; integrity?: string; resolved?: string; link?: boolean; inBundle?: boolean }
  >;
}

function lockfileOf(agentId: string): Lockfile {
  return JSON.parse(readRecipe(recipes, agentId).lockfile) as Lockfile;
}

describe("the recipes", () => {
  it("are those of the catalog", () => {
    expect(listRecipes(recipes).map(({ agentId }) => agentId)).toEqual(catalogAgentIds.toSorted());
  });

  describe.each(catalogAgentIds.map((id): [CatalogAgentId] => [id]))("%s", (id) => {
    it("has the catalog's version, for its package or for what that package brings along", () => {
      const { version, manifest } = readRecipe(recipes, id);
      expect(version).toBe(agentCatalog[id].version);
      const { dependencies } = JSON.parse(manifest) as { dependencies: Record<string, string> };
      expect(Object.values(dependencies)).toEqual([version]);
    });

    it("has a lockfile with a hash for every package, and without a registry", () => {
      const { packages } = lockfileOf(id);
      const locked = Object.entries(packages).filter(([path]) => path !== "");
      expect(locked.length).toBeGreaterThan(0);
      expect(locked.filter(([, { integrity }]) => integrity?.startsWith("sha512-") !== true)).toEqual([]);
      expect(locked.filter(([, { resolved, link }]) => resolved !== undefined || link === true)).toEqual([]);
    });

    it("starts a file of a package that the lockfile has for Linux on x64", () => {
      const { start } = readRecipe(recipes, id);
      const { packages } = lockfileOf(id);
      const owner = Object.keys(packages).find((path) => path !== "" && start.startsWith(`${path}/`));
      expect(owner).toBeDefined();
    });

    it("has exactly a manifest and a lockfile", () => {
      expect(readdirSync(join(recipes, id)).toSorted()).toEqual(["package-lock.json", "package.json"]);
      expect(readFileSync(join(recipes, id, "package-lock.json"), "utf8")).not.toMatch(/registry\.|"resolved"/);
    });
  });
});
