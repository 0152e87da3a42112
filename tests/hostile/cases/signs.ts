/** Signs that a reader does not see, or that a terminal acts on. */
import { type EmittedCase, marker, saysCase, update } from "../support/hostile-case.ts";
import { toolThatPrints } from "./floods.ts";

const isPlain = "text of others is taken apart to letters before it is shown, on the page and in the terminal";

/** What takes a terminal over: its title, its screen, its clipboard, its links, its keys. */
const escapes = [
  "\u001b]0;owned\u0007",
  "\u001b]2;owned\u001b\\",
  "\u001b[2J\u001b[1;1H",
  "\u001b[?1049h",
  "\u001b]52;c;cm0gLXJmCg==\u0007",
  "\u001b]8;;javascript:alert(1)\u0007link\u001b]8;;\u0007",
  '\u001bP$q"p\u001b\\',
  "\u001b[1A\u001b[99D",
  "\u009b2J\u009d0;owned\u009c",
  "\u0008\u0008\u0008",
  "\u000e\u000f\u0007\u007f",
  "\u001b[6n\u001b[c",
].join("");

export const signCases: readonly EmittedCase[] = [
  {
    id: "escapes-prose",
    what: "escape sequences in a message, one of them cut in two",
    mustNot: "reach the terminal",
    heldBy: isPlain,
    acts: [
      ...saysCase("escapes-prose", `${escapes}FORGED-escapes-prose`),
      update({
        sessionUpdate: "agent_message_chunk",
        messageId: "escapes-prose",
        content: { type: "text", text: "\u001b]0;ow" },
      }),
      update({
        sessionUpdate: "agent_message_chunk",
        messageId: "escapes-prose",
        content: { type: "text", text: "ned\u0007 done" },
      }),
    ],
  },
  {
    id: "escapes-tool",
    what: "escape sequences in a tool's name, input, places and output, and in a plan",
    mustNot: "reach the terminal",
    heldBy: isPlain,
    acts: [
      ...toolThatPrints(
        "escapes-tool",
        `${escapes}\r✓ pushed FORGED-escapes-tool\n`,
        `${marker("escapes-tool")}${escapes}`,
      ),
      update({
        sessionUpdate: "tool_call",
        toolCallId: "escapes-failed",
        title: `x${escapes}`,
        status: "failed",
        rawInput: { command: escapes },
        locations: [{ path: escapes }],
        content: [{ type: "content", content: { type: "text", text: escapes } }],
      }),
      update({
        sessionUpdate: "plan",
        entries: [{ content: `step ${escapes}`, status: "completed", priority: "low" }],
      }),
    ],
  },
  {
    id: "terminal-pieces",
    what: "a command's output in pieces under `_meta`, with an exit code that is a sentence",
    mustNot: "reach the terminal or be shown as an exit code",
    heldBy: "output has one form, whatever the agent tells it in",
    acts: [
      update({
        sessionUpdate: "tool_call",
        toolCallId: "terminal-pieces",
        title: marker("terminal-pieces"),
        status: "in_progress",
      }),
      ...["\u001b]0;ow", "ned\u0007", "\u001b[2J"].map((data) =>
        update({
          sessionUpdate: "tool_call_update",
          toolCallId: "terminal-pieces",
          _meta: { terminal_output_delta: { data } },
        }),
      ),
      update({
        sessionUpdate: "tool_call_update",
        toolCallId: "terminal-pieces",
        status: "completed",
        _meta: { terminal_exit: { exit_code: "FORGED-terminal-pieces" } },
      }),
    ],
  },
  {
    id: "direction",
    what: "marks that turn the reading direction of what follows, in messages, names and titles",
    mustNot: "turn what SAM says, or hide what is said",
    heldBy: isPlain,
    acts: [
      ...saysCase("direction", "\u202eFORGED-direction\u202c \u2066x\u2067y\u200f\u061c"),
      update({
        sessionUpdate: "tool_call",
        toolCallId: "direction",
        title: "npm \u202etset\u202c",
        status: "completed",
      }),
    ],
  },
  {
    id: "unseen",
    what: "letters of no width, tags that carry a hidden text, marks piled up over the lines around",
    mustNot: "hide a text or cover another line",
    heldBy: isPlain,
    acts: saysCase(
      "unseen",
      `a\u200bb\u2060c\ufeffd\u00ade ${"\u{e0041}".repeat(500)} z${"\u0301\u0489".repeat(500)} \u3164\u115f`,
    ),
  },
  {
    id: "broken-letters",
    what: "halves of characters, bytes that are no UTF-8, and a NUL",
    mustNot: "stop the conversation",
    heldBy: isPlain,
    acts: [
      ...saysCase("broken-letters", "a\ud800b\udfffc\u0000d\ufffe\uffff"),
      {
        do: "line",
        text: '{"jsonrpc":"2.0","method":"session/update","params":{"sessionId":"s","update":{"sessionUpdate":"agent_message_chunk","messageId":"broken-letters","content":{"type":"text","text":"\\ud83d"}}}}',
      },
    ],
  },
];
