import { describe, expect, it } from "vitest";

import { wantsColour } from "./style.ts";
import { Terminal } from "./terminal.ts";
import { duration, runningClock } from "./times.ts";

class Paper {
  text = "";
  readonly isTTY: boolean;
  readonly columns = 80;

  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }

  write(text: string): void {
    this.text += text;
  }
}

describe("colours", () => {
  it("are left out for NO_COLOR, a dumb terminal and anything that is no terminal", () => {
    expect(wantsColour(true, {})).toBe(true);
    expect(wantsColour(true, { NO_COLOR: "1", FORCE_COLOR: "1" })).toBe(false);
    expect(wantsColour(true, { TERM: "dumb" })).toBe(false);
    expect(wantsColour(false, {})).toBe(false);
    expect(wantsColour(false, { FORCE_COLOR: "1" })).toBe(true);
  });
});

describe("a screen", () => {
  it("writes plain lines and no status where no terminal listens", () => {
    const paper = new Paper(false);
    const terminal = new Terminal(paper, {});
    terminal.status("working");
    terminal.line(terminal.paint("red", "done"));
    expect(paper.text).toBe("done\n");
  });

  it("keeps the status below the lines, cut to the width", () => {
    const paper = new Paper(true);
    const terminal = new Terminal(paper, { NO_COLOR: "1" });
    terminal.status("s".repeat(200));
    terminal.line("first");
    terminal.status(null);
    const drawn = `${"s".repeat(78)}…`;
    expect(paper.text).toBe(`${drawn}\r\u001b[2Kfirst\n${drawn}\r\u001b[2K`);
  });

  it("holds lines back while a question stands there, and loses none", () => {
    const paper = new Paper(true);
    const terminal = new Terminal(paper, { NO_COLOR: "1" });
    terminal.hold();
    terminal.line("first");
    terminal.status("not now");
    terminal.line("second");
    expect(paper.text).toBe("");
    terminal.release();
    expect(paper.text).toBe("first\nsecond\n");
  });
});

describe("durations", () => {
  it.each([
    [0, "0 ms"],
    [999, "999 ms"],
    [1_000, "1.0 s"],
    [59_999, "59.9 s"],
    [192_000, "3 m 12 s"],
    [7_500_000, "2 h 5 m"],
    [532_800_000, "6 d 4 h"],
    [300_000, "5 m"],
    [259_200_000, "3 d"],
    [-5, "0 ms"],
  ])("reads %i ms as %s", (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it("lets a running clock tick in whole seconds", () => {
    expect(runningClock(12_345)).toBe("12 s");
  });
});
