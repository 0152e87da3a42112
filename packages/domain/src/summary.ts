/**
 * The summary of a task, for an agent that goes on with it and has no session to load: what was asked, what the agent
 * said at last, and what came of it. At most 8 KB of UTF-8, so that it leaves room for what is asked next. What others said
 * in it is quoted, line by line: an agent that runs what stands in a prompt must not run again what it ran before.
 */
import type { MessageBody } from "./message.ts";
import { isKept } from "./saved-work.ts";
import type { TaskFacts } from "./task-facts.ts";
import type { Verdicts } from "./verdicts.ts";

/** What of a conversation a summary is made from. */
export type SummedUp = Extract<MessageBody, { kind: "prompt" | "agent_update" }>;

export const maxSummaryBytes = 8 * 1024;

/** How the room is shared out, in bytes; the rest is for our own words. */
const roomFor = { before: 1_200, prompt: 400, firstPrompt: 800, lastWords: 2_400, evidence: 400 };
const mostPrompts = 4;

/** @param said of the conversation, in its order: at least all that the user said, and the last of the agent. */
export function summaryOf(facts: TaskFacts, said: readonly SummedUp[]): string {
  const { continues } = facts.request;
  const lastWords = lastWordsOf(said);
  const parts = [
    "You go on with work that was begun in another session, which you do not have. This is what is known of it.",
    continues === null ? null : `What came before that:\n${clipped(quoted(continues.summary), roomFor.before)}`,
    `What was asked, in order:\n${promptsOf(facts, said).join("\n")}`,
    lastWords === "" ? null : `What was answered last:\n${lastOf(quoted(lastWords), roomFor.lastWords)}`,
    `What came of it:\n${outcomeOf(facts).join("\n")}`,
  ];
  const known = parts.filter((part) => part !== null).join("\n\n");
  return `${clipped(known, maxSummaryBytes - ending.length)}${ending}`;
}

/** What is asked next stands right behind the summary. */
const ending = "\n\nWhat is asked now:";

/** The first, which says what it is all about, and the last ones. */
function promptsOf({ request }: TaskFacts, said: readonly SummedUp[]): readonly string[] {
  const prompts = said.flatMap((body) => (body.kind === "prompt" ? [body.text] : []));
  const first = item(request.prompt, roomFor.firstPrompt);
  const later = prompts.slice(1).map((text) => item(text, roomFor.prompt));
  const leftOut = later.length - mostPrompts;
  return leftOut > 0 ? [first, `- (${leftOut} more)`, ...later.slice(-mostPrompts)] : [first, ...later];
}

/** What the agent said after its last tool call, or before it where it said nothing afterwards. */
function lastWordsOf(said: readonly SummedUp[]): string {
  const words: string[] = [];
  for (const body of said.toReversed()) {
    const isBoundary = body.kind === "prompt" || isToolCall(body.update);
    if (isBoundary && words.length > 0) break;
    if (body.kind === "agent_update") words.push(proseOf(body.update));
  }
  return words.toReversed().join("").trim();
}

function isToolCall({ sessionUpdate }: Readonly<Record<string, unknown>>): boolean {
  return sessionUpdate === "tool_call" || sessionUpdate === "tool_call_update";
}

/** The prose of an ACP update; empty where it is none. Its shape is the agent's, so nothing of it is taken for granted. */
function proseOf({ sessionUpdate, content }: Readonly<Record<string, unknown>>): string {
  if (sessionUpdate !== "agent_message_chunk" || typeof content !== "object" || content === null) return "";
  return "text" in content && typeof content.text === "string" ? content.text : "";
}

function outcomeOf(facts: TaskFacts): readonly string[] {
  const { step, failure, verdicts, branch } = facts;
  const ended = failure === null ? `- It was ${step}.` : `- It failed (${failure.reason}).`;
  const evidence = failure === null ? [] : [`- Evidence: ${clipped(quoted(failure.evidence), roomFor.evidence)}`];
  return [ended, ...evidence, ...verdictLines(verdicts, branch), ...savedLines(facts)];
}

function savedLines({ savedRef, savedWork, workedOn }: TaskFacts): readonly string[] {
  if (savedWork === null) {
    return savedRef === null ? [] : [`- Unpushed work is saved as ${savedRef} on ${workedOn ?? "its machine"}.`];
  }
  if (isKept(savedWork)) return ["- What was not pushed was saved, and stands in the workspace again."];
  return [`- What was not pushed is ${savedWork.place === "lost" ? "lost" : "not kept any more"}.`];
}

function verdictLines({ produced, checked, pushed }: Verdicts, branch: string): readonly string[] {
  const lines: string[] = [];
  if (produced !== null) {
    const { commits, files, insertions, deletions } = produced;
    lines.push(`- Produced: ${commits} commits, ${files} files, ${insertions} insertions, ${deletions} deletions.`);
  }
  if (checked !== null && checked.outcome !== "not_configured") {
    lines.push(`- The check ${checked.outcome}: ${clipped(quoted(checked.command ?? ""), roomFor.evidence)}`);
  }
  lines.push(pushed?.holds === true ? `- Pushed to ${branch} at ${pushed.commit ?? "?"}.` : "- Nothing was pushed.");
  return lines;
}

function item(text: string, maxBytes: number): string {
  return `- ${clipped(quoted(text), maxBytes)}`;
}

/** A line that begins so opens nothing in Markdown: no fence, no list and no quote of it. */
function quoted(text: string): string {
  return text
    .split("\n")
    .map((line) => `| ${line}`)
    .join("\n");
}

/** @returns the beginning of a text, at most so many bytes of UTF-8, with a mark where it was cut. */
function clipped(text: string, maxBytes: number): string {
  const kept = keep(Array.from(text), maxBytes);
  return kept.length === text.length ? text : `${keep(Array.from(text), maxBytes - markBytes)}${cutMark}`;
}

/** @returns the end of a text, in the same way. */
function lastOf(text: string, maxBytes: number): string {
  const backwards = Array.from(text).toReversed();
  if (keep(backwards, maxBytes).length === text.length) return text;
  return `${cutMark}${Array.from(keep(backwards, maxBytes - markBytes))
    .toReversed()
    .join("")}`;
}

const cutMark = "…";
const markBytes = 3;

function keep(characters: readonly string[], maxBytes: number): string {
  let bytes = 0;
  const end = characters.findIndex((character) => {
    bytes += bytesOf(character);
    return bytes > maxBytes;
  });
  return (end === -1 ? characters : characters.slice(0, end)).join("");
}

/** Of one character, in UTF-8. */
function bytesOf(character: string): number {
  const point = character.codePointAt(0) ?? 0;
  if (point < 0x80) return 1;
  if (point < 0x800) return 2;
  return point < 0x10000 ? 3 : 4;
}
