/** The turn of a task that came back: its agent is told what the user answered or said, and what of its past it lacks. */
import type { NodeTaskEvent } from "../node-task.ts";
import type { Return } from "../return.ts";
import { quoted } from "../visible-text.ts";
import type { TaskDraft } from "./draft.ts";
import { giveReturn, openTurn } from "./turn.ts";

type AgentReady = Extract<NodeTaskEvent, { type: "agent_ready" }>;

export function tellReturn(draft: TaskDraft, event: AgentReady): void {
  const { comesBackFor: why, agent, turn } = draft.facts;
  if (why === null || why.kind === "delivery" || agent === null) return;
  const { loaded } = event;
  draft.set({ agent: { ...agent, restarts: 0 } });
  const leftMs = why.kind === "answer" ? (turn?.leftMs ?? draft.settings.turnMs) : draft.settings.turnMs;
  draft.enter("running", "agent_ready", draft.now + leftMs);
  noteSession(draft, event);
  if (why.kind === "answer") tellAnswer(draft, why, loaded);
  else tellWords(draft, why, loaded);
}

function noteSession(draft: TaskDraft, { name, version, loaded, sessionId }: AgentReady): void {
  draft.note(`${quoted(`${name} ${version}`)} ${loaded ? "loaded" : "opened"} session ${quoted(sessionId)}.`);
  if (loaded) return;
  draft.note(
    "The agent could not load its session again. It is told a summary of what came before, and what you said.",
  );
}

/** What was said while the turn ran comes first, in its order. */
function tellWords(draft: TaskDraft, { text, summary }: Extract<Return, { kind: "words" }>, loaded: boolean): void {
  const words = [...draft.facts.waitingTexts, text].join("\n\n");
  draft.set({ waitingTexts: [], comesBackFor: null });
  openTurn(draft, words);
  giveReturn(draft, words, { loaded, summary });
}

/** The turn goes on where it waited. The text is kept with it, in case that it has to be told again. */
function tellAnswer(draft: TaskDraft, why: Extract<Return, { kind: "answer" }>, loaded: boolean): void {
  const { turn } = draft.facts;
  const { question, optionId, by, summary } = why;
  const option = question.options.find((one) => one.optionId === optionId);
  const text = answerText(why, option?.name ?? null);
  draft.set({
    turn: turn === null ? null : { ...turn, text, leftMs: null, heard: false },
    comesBackFor: null,
    givenBefore: option === undefined ? null : { question, kind: option.kind, by },
  });
  draft.note(`The agent is told that you answered ${quoted(question.title)} while its machine was released.`);
  giveReturn(draft, text, { loaded, summary });
}

function answerText({ question, optionId }: Extract<Return, { kind: "answer" }>, name: string | null): string {
  const asked = question.detail === null ? question.title : `${question.title}\n${question.detail}`;
  const answer = optionId === null || name === null ? "none of the options" : name;
  return [
    "While you waited for an answer, your machine was released, and your workspace is brought back now.",
    `You had asked: ${asked}`,
    `The answer is: ${answer}`,
    "Go on with your task from where you were. If the answer allows it, do what you asked about; else do without it.",
  ].join("\n");
}
