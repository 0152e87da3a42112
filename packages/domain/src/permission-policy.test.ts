import { describe, expect, it } from "vitest";

import { permissionPolicies, policyAllows, policyMeanings, toolKinds, type ToolKind } from "./permission-policy.ts";

const inside = { insideWorkspace: true, sandboxed: false };
const outside = { insideWorkspace: false, sandboxed: false };
const kindsAllowed = (policy: (typeof permissionPolicies)[number], where: typeof inside): readonly ToolKind[] =>
  toolKinds.filter((toolKind) => policyAllows(policy, { toolKind, ...where }));

describe("a policy", () => {
  it("that asks allows nothing, wherever it is", () => {
    expect(kindsAllowed("ask", { insideWorkspace: true, sandboxed: true })).toEqual([]);
  });

  it("for reads or edits allows nothing outside the workspace, nor where no place is named", () => {
    expect(kindsAllowed("allow_reads", outside)).toEqual([]);
    expect(kindsAllowed("allow_edits", { insideWorkspace: false, sandboxed: true })).toEqual([]);
  });

  it("for reads allows no change, no command, no network and no other mode", () => {
    expect(kindsAllowed("allow_reads", inside)).toEqual(["read", "search", "think"]);
  });

  it("for edits allows no command, no network, no other mode, and nothing that the agent does not name", () => {
    expect(kindsAllowed("allow_edits", inside)).toEqual(["read", "edit", "delete", "move", "search", "think"]);
  });

  it("for everything allows nothing where the node is no sandbox", () => {
    expect(kindsAllowed("allow_all", inside)).toEqual([]);
    expect(kindsAllowed("allow_all", { insideWorkspace: false, sandboxed: true })).toEqual([...toolKinds]);
  });

  it.each(permissionPolicies)("%s says in words what it does", (policy) => {
    expect(policyMeanings[policy]).toMatch(/ask/);
  });
});
