import { describe, expect, it } from "vitest";

import { isId, makeId, workspaceIdOf } from "./ids.ts";

const ulid = "01JABCDEFGHJKMNPQRSTVWXYZ0";

describe("an id", () => {
  it("is a prefix, an underscore and a ULID; one of another noun is none", () => {
    expect(isId("task", `task_${ulid}`)).toBe(true);
    expect(isId("task", `node_${ulid}`)).toBe(false);
    for (const wrong of ["", "task_", ulid, `task_${ulid}0`, `task_8${ulid.slice(1)}`, `task_${ulid.toLowerCase()}`]) {
      expect(isId("task", wrong)).toBe(false);
    }
  });

  it("is made of a ULID and of nothing else", () => {
    expect(makeId("node", ulid)).toBe(`node_${ulid}`);
    expect(() => makeId("node", "../..")).toThrow(RangeError);
  });

  it("of a workspace bears the ULID of its task", () => {
    expect(workspaceIdOf(makeId("task", ulid))).toBe(`ws_${ulid}`);
  });
});
