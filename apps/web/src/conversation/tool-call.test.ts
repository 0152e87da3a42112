import { describe, expect, it } from "vitest";

import { insideWorkspace, unfenced } from "./tool-call.ts";

const workspace = "/home/me/.sam/machine-host/servers/srv_1/disk/workspaces/ws_01M8A0R42E1V4TE1DHJ19AC2VC";

describe("a place", () => {
  it("in the workspace is told from there", () => {
    expect(insideWorkspace(`Read ${workspace}/src/a.ts and '${workspace}/b.ts'`)).toBe("Read src/a.ts and 'b.ts'");
  });

  it.each(["/etc/passwd", "../a.ts", workspace, `${workspace}x/a.ts`, "/workspaces/mine/a.ts"])(
    "elsewhere stays: %s",
    (place) => {
      expect(insideWorkspace(place)).toBe(place);
    },
  );
});

describe("what a tool printed", () => {
  it("is shown without the fence that an agent put around it", () => {
    expect(unfenced("```\n1\thello\n```\n")).toBe("1\thello");
    expect(unfenced("```console\na\n\nb\n```")).toBe("a\n\nb");
  });

  it.each(["plain", "```\nopen", "a\n```\nb\n```", "```\na\n```\nb\n```\nc\n```"])(
    "stays as it is otherwise",
    (text) => {
      expect(unfenced(text)).toBe(text);
    },
  );
});
