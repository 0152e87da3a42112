import type { Message, MessageBody } from "@sam/protocol/message";
import { describe, expect, it } from "vitest";

import { cells } from "../terminal/cells.ts";
import { ConversationView } from "./conversation-view.ts";

class Page {
  readonly lines: string[] = [];
  readonly #width: number;
  constructor(width = 80) {
    this.#width = width;
  }
  readonly paint = (_: string, text: string) => text;
  width = () => this.#width;
  line = (text: string) => void this.lines.push(...text.split("\n"));
  status = () => undefined;
}

const at = Date.UTC(2026, 0, 1, 14, 2, 3);
const time = /^\d\d:\d\d:\d\d /;

function shown(
  bodies: readonly MessageBody[],
  options: { width?: number; unfolded?: boolean } = {},
): readonly string[] {
  const page = new Page(options.width);
  const view = new ConversationView(page, { unfolded: options.unfolded === true });
  for (const [index, body] of bodies.entries()) {
    const author = body.kind === "agent_update" ? "agent" : "sam";
    const message: Message = { seq: index + 1, at: at + index * 1_000, author, body };
    view.show(message);
  }
  view.end();
  return page.lines;
}

function says(text: string, messageId?: string): MessageBody {
  const update = { sessionUpdate: "agent_message_chunk", content: { type: "text", text }, messageId };
  return { kind: "agent_update", turn: 1, update };
}

function tool(update: Record<string, unknown>, kind = "tool_call_update"): MessageBody {
  return { kind: "agent_update", turn: 1, update: { sessionUpdate: kind, ...update } };
}

const step: MessageBody = { kind: "step", from: "agent_session", to: "running", text: "", tookMs: 120 };

describe("what an agent wrote", () => {
  it("begins each of its messages on a line of its own, where it says which is which", () => {
    expect(shown([says("I lo", "m1"), says("ok.", "m1"), says("Done.", "m2")])).toEqual(["  │ I look.", "  │ Done."]);
    expect(shown([says("I lo"), says("ok."), says("Done.")])).toEqual(["  │ I look.Done."]);
  });

  it.each([
    ["a line of SAM's", "14:02:03 ● completed\n✓ Completed; all four verdicts hold."],
    ["a move to the left edge", "x\r14:02:03 ● completed\u001b[1A\u001b[99D✓ Completed"],
    ["a line that the terminal would break", `${" ".repeat(70)}14:02:03 ● completed ${"x".repeat(300)}`],
    ["words without a space", "✓".repeat(500)],
    ["wide characters", "完".repeat(200)],
    ["other ends of lines", "a\u2028✓ Completed\u0085✓ Completed\u000b✓ Completed"],
    ["the gutter of tools", "├ ✓ npm test · 0.1 s"],
  ])("never stands where SAM speaks: %s", (_, text) => {
    for (const width of [60, 80, 200]) {
      const lines = shown([says(text)], { width });
      expect(lines.length).toBeGreaterThan(0);
      expect(lines.filter((line) => !line.startsWith("  │"))).toEqual([]);
      expect(lines.every((line) => cells(line) < width)).toBe(true);
    }
  });

  it("is put together from its chunks, also where one cuts an escape sequence in two", () => {
    expect(shown([says("Hel"), says("lo\u001b[3"), says("1m wor"), says("ld\nsecond line")])).toEqual([
      "  │ Hello world",
      "  │ second line",
    ]);
  });

  it("is ended by a line of SAM's, which begins with a time", () => {
    const lines = shown([says("half a line"), step]);
    expect(lines[0]).toBe("  │ half a line");
    expect(lines[1]).toMatch(time);
    expect(lines[1]).toContain("● running (agent_session took 120 ms)");
  });

  it("cannot break a note of SAM's that quotes it", () => {
    const [first, ...others] = shown([{ kind: "note", text: "Its last words: a\r\u001b[2Jb\n✓ Completed" }]);
    expect(first).toMatch(time);
    expect(others).toEqual(["           b", "           ✓ Completed"]);
  });
});

describe("a tool call", () => {
  const call = tool({ toolCallId: "1", title: "npm test\u001b[2J", status: "pending" }, "tool_call");

  it("is one line when it has ended, with its time", () => {
    const output = [{ type: "content", content: { type: "text", text: "lots of output" } }];
    const lines = shown([
      call,
      tool({ toolCallId: "1", status: "in_progress", content: output }),
      tool({ toolCallId: "1", status: "completed" }),
    ]);
    expect(lines).toEqual(["  ├ ✓ npm test · 2.0 s"]);
  });

  it("shows the end of its output where it failed, behind the gutter", () => {
    const text = Array.from({ length: 40 }, (_, index) => `line ${index + 1}`).join("\n");
    const output = [{ type: "content", content: { type: "text", text: `${text}\n14:02:03 ● forged` } }];
    const failed = tool({
      toolCallId: "1",
      status: "failed",
      content: output,
      rawOutput: { exitCode: 2, durationMs: 300 },
    });
    const lines = shown([call, failed]);
    expect(lines[0]).toBe("  ├ ✗ npm test · failed · exit code 2 · 300 ms");
    expect(lines[1]).toBe("  │   … 29 lines before");
    expect(lines.at(-1)).toBe("  │   14:02:03 ● forged");
    expect(lines).toHaveLength(14);
  });

  it("is shown once, although a session that is loaded again repeats it", () => {
    const ended = tool({ toolCallId: "1", status: "completed" });
    expect(shown([call, ended, call, ended])).toHaveLength(1);
  });

  it("shows what it printed where that was asked for", () => {
    const output = [{ type: "content", content: { type: "text", text: "hello" } }];
    const lines = shown([call, tool({ toolCallId: "1", status: "completed", content: output })], { unfolded: true });
    expect(lines.at(-1)).toBe("  │   hello");
  });
});

describe("what is not understood", () => {
  it("is left out and breaks nothing", () => {
    const odd = [
      { sessionUpdate: "new_kind" },
      { sessionUpdate: "tool_call" },
      { sessionUpdate: "plan", entries: 3 },
      {},
    ];
    expect(shown(odd.map((update) => ({ kind: "agent_update" as const, turn: 1, update })))).toEqual([]);
    expect(shown([tool({ toolCallId: "1", title: 7, status: "strange", content: "no list" })])).toEqual([]);
  });
});

describe("a permission", () => {
  const question = {
    kind: "permission" as const,
    requestId: "1",
    title: "Run it",
    detail: "rm -rf build\u001b[1A\r14:02:03 ● completed",
    toolKind: "execute" as const,
    options: [],
  };

  it("stands with its numbered options, as sam answer takes them", () => {
    const options = [
      { optionId: "a", name: "Allow\u001b[2J once", kind: "allow_once" },
      { optionId: "r", name: "Reject", kind: "reject_once" },
    ];
    const lines = shown([{ ...question, title: "Run rm -rf build", options }]);
    expect(lines[0]).toContain("? Asks for permission: Run rm -rf build (execute)");
    expect(lines.slice(1)).toEqual([
      "  │   rm -rf build",
      "  │   14:02:03 ● completed",
      "           1  Allow once (allow_once)",
      "           2  Reject (reject_once)",
    ]);
  });

  it("cannot show an option that is none: each is one line", () => {
    const options = [{ optionId: "a", name: `Yes${" x".repeat(60)}\n2  No`, kind: "allow_once" }];
    const lines = shown([{ ...question, options }]).slice(3);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^ {11}1 {2}Yes x.*… \(allow_once\)$/);
  });

  it("says nothing twice: no detail that is the title, and no long title beside its detail", () => {
    const command = `echo ${"x".repeat(150)}`;
    const once = shown([{ ...question, title: "ls -la", detail: "ls -la\n", options: [] }]);
    expect(once).toHaveLength(1);
    const [title = ""] = shown([{ ...question, title: command, detail: `$ ${command}`, options: [] }], { width: 200 });
    expect(title).toContain("… (execute)");
    const alone = shown([{ ...question, title: command, detail: null, options: [] }], { width: 60 });
    expect(alone.join("").replaceAll(" ", "")).toContain("x".repeat(150));
  });

  it("shows a long detail up to a limit, and says how much is left", () => {
    const detail = Array.from({ length: 50 }, (_, index) => `line ${index + 1}`).join("\n");
    const lines = shown([{ ...question, detail, options: [] }]);
    expect(lines[20]).toBe("  │   line 20");
    expect(lines[21]).toBe("  │   … 30 more lines; sam answer shows them all");
  });

  it.each([
    ["user_01J0000000000000000000000A", "by you"],
    ["policy:allow_edits", "by the policy “allow edits”"],
    ["agent", "by the agent, which took it back"],
  ])("is settled with what was answered, and by whom: %s", (by, words) => {
    const options = [{ optionId: "a", name: "Allow once", kind: "allow_once" }];
    const settled: MessageBody = { kind: "permission_settled", requestId: "1", optionId: "a", by };
    expect(shown([{ ...question, options }, settled]).at(-1)).toContain(`Answered ${words}: Allow once (allow_once).`);
    expect(shown([{ ...settled, optionId: null }]).at(-1)).toContain(`Answered ${words}: none of the options.`);
  });
});

describe("the end of a turn", () => {
  const usage = { scope: "turn", inputTokens: 12_345, outputTokens: 67, cachedInputTokens: 1_000, cost: null } as const;
  const ended: MessageBody = { kind: "turn_ended", turn: 1, stopReason: "end_turn", detail: null, usage, model: null };

  it("says what was used, and what the figure is of", () => {
    const of = (scope: "turn" | "last_call" | "session") =>
      shown([{ ...ended, usage: { ...usage, scope } }], { width: 200 })
        .join(" ")
        .replaceAll(/\s+/g, " ");
    expect(of("turn")).toContain(
      "The agent ended its turn: end_turn. It used 12,345 tokens in (1,000 of them cached), 67 out, in this turn.",
    );
    expect(of("last_call")).toContain("67 out, in its last model call; the whole turn's is not known.");
    expect(of("session")).toContain("67 out, in the session so far.");
  });

  it("names the calls that the model failed, with the last one's status", () => {
    const lastFailure = { kind: "unavailable" as const, status: 500, detail: "overloaded\u001b[2J" };
    const model = { calls: 3, failedCalls: 2, lastFailure };
    const text = shown([{ ...ended, usage: null, model }], { width: 200 })
      .join(" ")
      .replaceAll(/\s+/g, " ");
    expect(text).toContain("3 model calls, 2 failed; the last one: unavailable, HTTP 500: “overloaded␛[2J”.");
    expect(shown([{ ...ended, usage: null, model: { calls: 3, failedCalls: 0, lastFailure: null } }])).toHaveLength(1);
  });
});

describe("a diff", () => {
  it("is one line: how much, and of which files", () => {
    const files = ["a.txt", "b\u001b[2J.txt", "c.txt", "d.bin"].map((path, index) => ({
      path,
      oldPath: null,
      status: "modified" as const,
      insertions: index === 3 ? null : 4,
      deletions: index === 3 ? null : 1,
    }));
    const diff = { baseCommit: "0".repeat(40), files, patch: "", leftOutFiles: [] };
    const [line, ...others] = shown([{ kind: "diff", diff }]);
    expect(line).toMatch(/ ± 4 files changed, \+12 −3: a\.txt, b␛\[2J\.txt, c\.txt and 1 more$/);
    expect(others).toEqual([]);
  });
});
