/** What the model server says that the calls of a script use, one after the other: reckoned by the server's own rule. */
import type { Usage } from "../../model-server/script/answer.ts";
import type { Conversation } from "../../model-server/script/conversation.ts";
import { nextAnswer } from "../../model-server/script/next-answer.ts";
import { isToolStep, promptOf, type Script } from "../../model-server/script/script.ts";

const text = { type: "string" };
/** Any agent's: what its tools are called has no part in it. */
const agent: Omit<Conversation, "turns"> = {
  model: "any",
  isStreamed: true,
  system: "",
  tools: [
    {
      name: "bash",
      description: "",
      parameters: { properties: { command: text }, required: ["command"] },
    },
    {
      name: "write",
      description: "",
      parameters: { properties: { path: text, content: text }, required: ["path", "content"] },
    },
  ],
  mustCall: false,
  answerSchema: null,
};

/** @returns the usage of each call of a turn that follows the script to its end. */
export function usageOfCalls(script: Script): readonly Usage[] {
  const results = script.filter(isToolStep).map(() => ({ kind: "result" as const }));
  return [...results, null].map((_, count) => {
    const turns = [{ kind: "user" as const, text: promptOf(script) }, ...results.slice(0, count)];
    return nextAnswer({ ...agent, turns }, { chunkSize: 24 }).usage;
  });
}
