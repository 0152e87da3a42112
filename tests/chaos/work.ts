/** The work that tasks are asked for: of every kind that ends, waits, fails or resists in a way of its own. */
import type { Chance } from "@sam/domain/testing/seeded";

import type { TaskRequest } from "../../apps/sam/src/client/api-client.ts";
import { witnessed } from "../system/support/witness.ts";

export interface Work {
  /** Unique in a run; the witness and the files bear it. */
  readonly name: string;
  readonly kind: string;
  readonly request: TaskRequest;
}

type Kind = (name: string, url: string) => Pick<TaskRequest, "prompt"> & Partial<TaskRequest>;

/** A runbook's block, between two lines of the witness. */
export function block(name: string, what: string, work: string): string {
  return `Task ${name}, ${what}.\n\n\`\`\`sh\n${witnessed(name, what, work)}\n\`\`\`\n`;
}

const kinds: Readonly<Record<string, Kind>> = {
  "three blocks": (name) => ({
    prompt: [1, 2, 3]
      .map((part) => block(name, `block ${part}`, `sleep 0.5\necho ${part} >${name}-${part}.txt`))
      .join("\n"),
    checkCommand: "sleep 0.3",
  }),
  "long, with what it leaves running": (name) => ({
    prompt: [
      block(name, "a commit", `echo one >${name}.txt\ngit add . && git commit --quiet --message ${name}`),
      block(name, "a straggler", `(trap '' TERM; exec 9>&-; sleep 1000) &\necho two >>${name}.txt`),
      block(name, "a while", `sleep 5\necho three >>${name}.txt`),
    ].join("\n"),
    checkCommand: `grep -qx three ${name}.txt`,
  }),
  "a question": (name) => ({ prompt: `ask ${name}.txt ${name}`, agentId: "stand-in", checkCommand: null }),
  "a conversation": (name) => ({
    prompt: block(name, "the first turn", `echo first >${name}.txt`),
    mode: "conversation",
    checkCommand: null,
  }),
  "a check that fails": (name) => ({
    prompt: block(name, "work", `echo work >${name}.txt`),
    checkCommand: "sleep 0.2; exit 3",
  }),
  "nothing to show": (name) => ({ prompt: block(name, "a look", "sleep 1\nls"), checkCommand: null }),
  "no such repository": (name, url) => ({
    prompt: block(name, "work", "true"),
    repository: { url: url.replace(/\.git$/, "-missing.git") },
  }),
};

/** How often each kind is drawn. */
const drawn: readonly string[] = [
  ...["three blocks", "three blocks", "three blocks", "long, with what it leaves running"],
  ...["long, with what it leaves running", "a question", "a question", "a conversation", "a conversation"],
  ...["a check that fails", "nothing to show", "no such repository"],
];

export function drawWork(chance: Chance, number: number, urls: readonly string[]): Work {
  const kind = chance.pick(drawn);
  const url = chance.pick(urls);
  const name = `t${number}`;
  const made = kinds[kind]?.(name, url);
  if (made === undefined) throw new Error(`there is no work of the kind ${kind}`);
  return { name, kind, request: { repository: { url }, ...made } };
}
