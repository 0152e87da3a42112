/**
 * The next answer follows from the conversation alone: the last user message with a script is in force, and the number of
 * tool results since then says how far it has come. So the server keeps nothing between two requests.
 */
import { smallestObject, smallestValue } from "../tools/json-schema.ts";
import { toolCall } from "../tools/tool-call.ts";
import { workplaceOf } from "../tools/workplace.ts";
import { isPause, type Answer, type Part, type Usage } from "./answer.ts";
import { isAuxiliary } from "./auxiliary.ts";
import type { Conversation } from "./conversation.ts";
import { isToolStep, scriptIn, type Script, type Step } from "./script.ts";

export interface Pace {
  /** Characters of a text in one piece, where the step does not say how many pieces there are. */
  readonly chunkSize: number;
}

const cachedTokens = 40;

/** @returns what the model answers to this. */
export function nextAnswer(conversation: Conversation, pace: Pace): Answer {
  if (isAuxiliary(conversation)) return answerOf(auxiliaryParts(conversation), 0);
  const { script, results } = scriptInForce(conversation);
  const feasible = script?.filter((step) => isFeasible(step, conversation)) ?? null;
  const parts = partsOf(conversation, stepsAt(feasible, results), pace);
  return answerOf(parts, results);
}

function answerOf(parts: readonly Part[], results: number): Answer {
  const firstWord = parts.findIndex((part) => !isPause(part));
  const before = firstWord === -1 ? parts : parts.slice(0, firstWord);
  return {
    pauses: before.filter(isPause),
    parts: firstWord === -1 ? [] : parts.slice(firstWord),
    usage: usageOf(parts, results),
  };
}

/** Short and harmless, in the form that is wanted. */
function auxiliaryParts({ tools, mustCall, answerSchema }: Conversation): readonly Part[] {
  const [tool] = tools;
  if (mustCall && tool !== undefined)
    return [{ kind: "call", call: { name: tool.name, input: smallestObject(tool.parameters ?? {}) } }];
  const text = answerSchema === null ? "Ready." : JSON.stringify(smallestValue(answerSchema));
  return [{ kind: "text", chunks: [text], chunkDelayMs: 0 }];
}

function scriptInForce({ turns }: Conversation): { readonly script: Script | null; readonly results: number } {
  for (let index = turns.length - 1; index >= 0; index -= 1) {
    const turn = turns[index];
    const script = turn?.kind === "user" ? scriptIn(turn.text) : null;
    if (script !== null) {
      const results = turns.slice(index).filter(({ kind }) => kind === "result").length;
      return { script, results };
    }
  }
  return { script: null, results: 0 };
}

/** A plan is left out where the agent keeps none: it has no result that would be counted. */
function isFeasible(step: Step, { tools }: Conversation): boolean {
  return !("plan" in step) || toolCall(step, tools, { folder: null, isReadOnly: false }) !== null;
}

/** @returns the steps of the answer after so many results: all up to the next one that a tool carries out. */
function stepsAt(script: Script | null, results: number): readonly Step[] {
  if (script === null) return [{ say: "Ready." }];
  let rest: Script = script;
  for (let index = 0; index < results; index += 1) {
    const at = rest.findIndex(isToolStep);
    rest = at === -1 ? [] : rest.slice(at + 1);
  }
  const end = rest.findIndex(isToolStep);
  const steps = end === -1 ? rest : rest.slice(0, end + 1);
  // Agents take an answer without a word for a broken stream, and ask again.
  return steps.some((step) => !("delayMs" in step)) ? steps : [...steps, { say: "Done." }];
}

function partsOf(conversation: Conversation, steps: readonly Step[], pace: Pace): readonly Part[] {
  const { tools } = conversation;
  const workplace = workplaceOf(conversation);
  return steps.map((step): Part => {
    if (isToolStep(step)) {
      const call = toolCall(step, tools, workplace);
      return call === null ? said({ say: "This agent has no tool for that." }, pace) : { kind: "call", call };
    }
    if ("say" in step) return said(step, pace);
    if ("think" in step) return { kind: "thought", text: step.think };
    if ("fail" in step) return { kind: "fail", status: step.fail.status };
    return "hang" in step ? { kind: "hang" } : { kind: "wait", delayMs: step.delayMs };
  });
}

function said({ say, chunks, chunkDelayMs = 0 }: Extract<Step, { say: string }>, { chunkSize }: Pace): Part {
  const letters = [...say];
  const size = chunks === undefined ? chunkSize : Math.max(1, Math.ceil(letters.length / chunks));
  const pieces: string[] = [];
  for (let at = 0; at < letters.length; at += size) pieces.push(letters.slice(at, at + size).join(""));
  return { kind: "text", chunks: pieces, chunkDelayMs };
}

/** Made up, but the same each time: 100 tokens in and 10 for each result; one out for a piece, a thought or a call. */
function usageOf(parts: readonly Part[], results: number): Usage {
  const thoughts = parts.filter(({ kind }) => kind === "thought").length;
  const calls = parts.filter(({ kind }) => kind === "call").length;
  const chunks = parts.reduce((sum, part) => sum + (part.kind === "text" ? part.chunks.length : 0), 0);
  return { input: 100 + 10 * results, cached: cachedTokens, output: thoughts + calls + chunks, thoughts };
}
