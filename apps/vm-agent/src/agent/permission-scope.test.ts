import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Isolation } from "@sam/domain/isolation";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { detailOf } from "./permission-detail.ts";
import { scopeOf } from "./permission-scope.ts";
import { ToolMemory } from "./tool-memory.ts";

const plain: Isolation = { processes: "plain", limits: "none", reasons: [] };
const asIs = (text: string) => text;

let folder: string;
let workspace: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sam-scope-"));
  workspace = join(folder, "workspace");
  mkdirSync(join(workspace, "src"), { recursive: true });
  mkdirSync(join(workspace, ".git/hooks"), { recursive: true });
  writeFileSync(join(folder, "outside.txt"), "");
  symlinkSync(folder, join(workspace, "way-out"));
  symlinkSync(join(folder, "not-yet"), join(workspace, "dangling"));
  symlinkSync(join(workspace, "src"), join(workspace, "inside"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function factsOf(call: Record<string, unknown>) {
  return new ToolMemory().note({ toolCallId: "1", title: "a title", ...call });
}

async function isInside(call: Record<string, unknown>): Promise<boolean> {
  return (await scopeOf(workspace, factsOf(call), plain)).insideWorkspace;
}

async function outsideOf(calls: readonly Record<string, unknown>[]): Promise<Record<string, unknown>[]> {
  const isEachInside = await Promise.all(calls.map(isInside));
  return calls.filter((_, index) => isEachInside[index] === false);
}

describe("the scope of a permission", () => {
  it("is inside where every place that is named lies in the workspace, in whichever form it is named", async () => {
    const inside: Record<string, unknown>[] = [
      { locations: [{ path: join(workspace, "src/new.ts") }] },
      { locations: [{ path: "src/new.ts" }], content: [{ type: "diff", path: "inside/a.ts", newText: "" }] },
      { rawInput: { file_path: join(workspace, "deep/er/new.ts"), content: "/etc/passwd is only spoken of" } },
      { rawInput: { path: workspace, pattern: "../*" } },
      { rawInput: { paths: ["src/a.ts", "./src/b.ts"], targetFile: `file://${workspace}/src/c.ts` } },
    ];
    expect(await outsideOf(inside)).toEqual([]);
  });

  it("is not inside where one place leads out, by a path, a link, a form of its own, or into git's folder", async () => {
    const outside: Record<string, unknown>[] = [
      { locations: [{ path: join(workspace, "src/a.ts") }, { path: join(folder, "outside.txt") }] },
      { locations: [{ path: join(workspace, "src/a.ts") }], rawInput: { filePath: "../outside.txt" } },
      { locations: [{ path: join(workspace, "way-out/outside.txt") }] },
      { locations: [{ path: join(workspace, "dangling") }] },
      { content: [{ type: "diff", path: `${workspace}-other/a.ts`, newText: "" }] },
      { rawInput: { edits: [{ file: "src/a.ts" }, { file: "/etc/passwd" }] } },
      { rawInput: { path: "~/.ssh/config" } },
      { rawInput: { path: "$HOME/x" } },
      { rawInput: { url: "https://example.org/src" } },
      { rawInput: { path: "src/a\0.ts" } },
      { locations: [{ path: ".git/hooks/pre-commit" }] },
      { locations: [{ path: join(workspace, "src/../.git/config") }] },
      { locations: Array.from({ length: 300 }, () => ({ path: "src/a.ts" })) },
    ];
    expect(await outsideOf(outside)).toEqual(outside);
  });

  it("is not inside where no place is named", async () => {
    for (const call of [{}, { rawInput: { command: "ls" } }, { rawInput: "src/a.ts" }, { locations: [] }])
      expect(await isInside(call)).toBe(false);
  });

  it("knows the kinds of the protocol and no other, and whether the node is a sandbox", async () => {
    const scope = async (kind: unknown, processes: Isolation["processes"]) =>
      await scopeOf(workspace, factsOf({ kind }), { ...plain, processes });
    expect(await scope("edit", "bubblewrap")).toMatchObject({ toolKind: "edit", sandboxed: true });
    expect(await scope("read", "machine")).toMatchObject({ toolKind: "read", sandboxed: true });
    expect(await scope("harmless", "plain")).toMatchObject({ toolKind: "other", sandboxed: false });
    expect(await scope(undefined, "unknown")).toMatchObject({ toolKind: "other", sandboxed: false });
  });
});

describe("the detail of a permission", () => {
  it("is the command, in the words of a shell", () => {
    expect(detailOf(factsOf({ kind: "execute", rawInput: { command: "rm -rf x" } }), asIs)).toBe("rm -rf x");
    expect(detailOf(factsOf({ rawInput: { cmd: ["bash", "-lc", "echo 'a b'"] } }), asIs)).toBe(
      String.raw`bash -lc 'echo '\''a b'\'''`,
    );
    const titled = {
      kind: "execute",
      title: "make all",
      content: [{ type: "content", content: { type: "text", text: "[in src]" } }],
    };
    expect(detailOf(factsOf(titled), asIs)).toBe("make all\n[in src]");
  });

  it("is what changes in a file, with a little of what surrounds it", () => {
    const oldText = "1\n2\n3\n4\n5\n6\n7\n";
    const content = [
      { type: "diff", path: "/w/a.ts", oldText, newText: "1\n2\n3\nfour\n5\n6\n7\n" },
      { type: "diff", path: "/w/new.ts", oldText: null, newText: "x\n" },
    ];
    expect(detailOf(factsOf({ kind: "edit", content }), asIs)).toBe(
      "/w/a.ts\n  2\n  3\n- 4\n+ four\n  5\n  6\n/w/new.ts\n+ x",
    );
  });

  it("is the tool's input where nothing better is known, null where nothing is, and never long or with a secret", () => {
    expect(detailOf(factsOf({ rawInput: { url: "https://example.org" } }), asIs)).toBe(
      '{\n  "url": "https://example.org"\n}',
    );
    expect(detailOf(factsOf({ rawInput: {} }), asIs)).toBeNull();
    expect(detailOf(factsOf({}), asIs)).toBeNull();
    const long = detailOf(
      factsOf({ rawInput: { command: `${"x".repeat(7_995)}secret${"y".repeat(20_000)}` } }),
      (text) => text.replaceAll("secret", "[hidden]"),
    );
    expect(long?.length).toBeLessThanOrEqual(8_000);
    expect(long).not.toContain("secr");
  });
});

describe("the memory of tool calls", () => {
  it("adds what is said of a call in one place to what is said in another", () => {
    const memory = new ToolMemory();
    memory.noteUpdate({
      sessionUpdate: "tool_call",
      toolCallId: "1",
      title: "Edit",
      kind: "edit",
      locations: [{ path: "a" }],
    });
    memory.noteUpdate({ sessionUpdate: "tool_call_update", toolCallId: "1", rawInput: { path: "b" }, kind: null });
    expect(memory.note({ toolCallId: "1", status: "pending" })).toMatchObject({
      title: "Edit",
      kind: "edit",
      rawInput: { path: "b" },
      locations: ["a"],
    });
  });
});
