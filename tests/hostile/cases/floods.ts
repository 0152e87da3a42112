/** Too much of something: the page stays readable and answers, and the reader is told what was left out. */
import { type Act, type EmittedCase, marker, saysCase, update } from "../support/hostile-case.ts";

const isCut = "an update has a limit, and says what was left out; long texts are shown in pieces, long lines folded";

export const floodCases: readonly EmittedCase[] = [
  flood("giant-word", "a word of 300,000 letters", `${"a".repeat(300_000)}`),
  flood(
    "giant-table",
    "a table of 100 rows and 20 columns",
    `${row(20, "h")}${row(20, "---")}${row(20, "x").repeat(100)}`,
  ),
  flood("deep-quotes", "10,000 quotations inside of each other", `${">".repeat(10_000)} x`),
  flood(
    "deep-lists",
    "300 lists inside of each other",
    Array.from({ length: 300 }, (_, depth) => `${"  ".repeat(depth)}- x`).join("\n"),
  ),
  flood("deep-brackets", "20,000 brackets that are not closed", `${"[".repeat(20_000)}${"![](".repeat(5_000)}`),
  flood("emphasis", "50,000 marks of emphasis that a parser could try in every order", "*a_ **b__ ".repeat(5_000)),
  flood("references", "500 references to each other", references(500)),
  {
    id: "many-lines",
    what: "a command that prints 100,000 lines",
    mustNot: "stop the page",
    heldBy: isCut,
    acts: toolThatPrints("many-lines", `${"all work and no play\n".repeat(100_000)}the last line`),
  },
  {
    id: "many-updates",
    what: "400 tool calls with 400 plans",
    mustNot: "stop the page",
    heldBy: "a list holds what is seen alone; updates that say the same take no place",
    acts: [
      ...saysCase("many-updates", "Here they come."),
      ...Array.from({ length: 400 }, (_, index): Act[] => [
        update({
          sessionUpdate: "tool_call",
          toolCallId: `many-${index}`,
          title: `call ${index}`,
          status: "completed",
        }),
        update({ sessionUpdate: "plan", entries: [{ content: `step ${index}`, status: "pending", priority: "low" }] }),
      ]).flat(),
    ],
  },
];

function flood(id: string, what: string, text: string): EmittedCase {
  return { id, what, mustNot: "stop the page", heldBy: isCut, acts: saysCase(id, text) };
}

function row(columns: number, cell: string): string {
  return `|${`${cell}|`.repeat(columns)}\n`;
}

function references(count: number): string {
  return Array.from(
    { length: count },
    (_, index) => `[${index}][${(index + 1) % count}]\n\n[${index}]: x${index}\n`,
  ).join("\n");
}

/** @returns a tool call that has ended, and printed a text. */
export function toolThatPrints(id: string, text: string, title = marker(id)): Act[] {
  return [
    update({ sessionUpdate: "tool_call", toolCallId: id, title, kind: "execute", status: "in_progress" }),
    update({
      sessionUpdate: "tool_call_update",
      toolCallId: id,
      status: "completed",
      content: [{ type: "content", content: { type: "text", text } }],
    }),
  ];
}
