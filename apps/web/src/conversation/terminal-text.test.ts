import { describe, expect, it } from "vitest";

import { terminalText } from "./terminal-text.ts";

describe("a terminal's text", () => {
  it("is what stood on the screen in the end, without colours", () => {
    expect(terminalText("\u001b[32mok\u001b[0m\r\n10%\r20%\r\u001b[K100%\ndone\r")).toBe("ok\n100%\ndone\n");
  });
});
