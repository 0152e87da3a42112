/** Nothing in the product waits without a deadline. What keeps its deadline elsewhere than at the call says where. */
import { beforeAll, describe, expect, it } from "vitest";

import { findWaits } from "./network-waits.mjs";
import { readText } from "./repository-files.mjs";

const projects = [
  "packages/providers/tsconfig.src.json",
  "apps/control/tsconfig.src.json",
  "apps/vm-agent/tsconfig.json",
  "apps/sam/tsconfig.json",
  "apps/runbook/tsconfig.json",
  "apps/web/tsconfig.src.json",
];

/**
 * Files whose calls are ended elsewhere, and by what: a text that stands in that file or in the one that is named.
 * @type {{ path: string, why: string, by: string, in?: string }[]}
 */
const kept = [
  {
    path: "packages/providers/src/local-api.ts",
    why: "the whole exchange, its body too, is raced with the end of its time",
    by: "Promise.race([send(transport, call, abort.signal), expiry.promise])",
  },
  {
    path: "apps/vm-agent/src/agent/agent-process.ts",
    why: "each question to an agent has its time, and a turn has its step's",
    by: "withDeadline(what, timeoutMs",
    in: "apps/vm-agent/src/agent/agent-session.ts",
  },
  {
    path: "apps/vm-agent/src/daemon.ts",
    why: "a dial without a welcome is given up, and so is a connection that fell silent",
    by: '"no welcome in time"), welcomeMs)',
    in: "apps/vm-agent/src/channel/node-channel.ts",
  },
  {
    path: "apps/vm-agent/src/gateway/forward.ts",
    why: "connecting has its time, and an answer that stops has the watch's",
    by: "connectMs,",
  },
  {
    path: "apps/vm-agent/src/git/relay-client.ts",
    why: "the relay has a time to answer; what follows belongs to the git command that reads it",
    by: "answerTimeoutMs)",
  },
  {
    path: "apps/vm-agent/src/process/run-command.ts",
    why: "a command has its time, or the signal of a caller that has one",
    by: "timeoutMs",
  },
  {
    path: "apps/runbook/src/block-process.ts",
    why: "a block runs within a turn, which has its step's deadline; a cancel ends its processes",
    by: "turnMs",
    in: "packages/domain/src/settings.ts",
  },
  {
    path: "apps/runbook/src/output-pipe.ts",
    why: "made a promise first, it is given its time where it is called",
    by: "timeout: MKFIFO_TIMEOUT_MS",
  },
  {
    path: "apps/sam/src/client/task-stream.ts",
    why: "a dial has its time, and a stream that fell silent is dialled again",
    by: 'setTimeout(() => finish("broken"), dialTimeoutMs)',
  },
  {
    path: "apps/sam/src/control-plane/machine-host-binding.ts",
    why: "the answer was made in this very process: nothing of it is on its way",
    by: "await host.handle(",
  },
  {
    path: "apps/sam/src/launcher/background.ts",
    why: "a start in the background has its time, and so has its end",
    by: "}, startTimeoutMs)",
  },
  {
    path: "apps/sam/src/machine-host/git-relay.ts",
    why: "the machine host has a time to answer",
    by: "ms`)), statusTimeoutMs)",
  },
  {
    path: "apps/sam/src/machine-host/install-run.ts",
    why: "whoever waits for an installation has the deadline of the checkout's step, and the last one who leaves ends it",
    by: "wait(onProgress: (bytes: number) => void, signal: AbortSignal)",
  },
  {
    path: "apps/sam/src/machine-host/node-line.ts",
    why: "connecting has its time; what is carried has the ends' own deadlines",
    by: "control.setTimeout(connectTimeoutMs",
  },
  {
    path: "apps/sam/src/machine-host/relay-session.ts",
    why: "a conversation that stands still is ended, and git with it",
    by: "this.#connection.setTimeout(idleTimeoutMs)",
  },
  {
    path: "apps/sam/src/machine-host/server-boot.ts",
    why: "a VM agent lives as long as its server; until its hello, the node's step has a deadline",
    by: "nodeBootMs",
    in: "packages/domain/src/settings.ts",
  },
  {
    path: "apps/sam/src/machine-host/warden-process.ts",
    why: "the warden lives as long as its machine host; its release has a time",
    by: "deadlineMs",
  },
  {
    path: "apps/sam/src/session/browser.ts",
    why: "nobody waits for a browser",
    by: "child.unref()",
  },
  {
    path: "apps/web/src/api/client.ts",
    why: "the signal of the request ends its body too",
    by: "AbortSignal.timeout(",
  },
  {
    path: "apps/web/src/api/socket.ts",
    why: "a dial that nobody answers is given up",
    by: "setTimeout(() => this.#lost(), dialTimeoutMs)",
    in: "apps/web/src/conversation/live-link.ts",
  },
];

/** TypeScript reads six projects, on a machine that is busy with other things. */
const patienceMs = 120_000;

const canary = "apps/control/src/web/page.ts";
const canaries = `
import type { Env } from "../env.ts";
import { within } from "../lifecycle/deadline.ts";
export async function bare(env: Env, id: string): Promise<unknown> {
  return env.TASK_RUNNER.getByName(id).view();
}
export async function byName(env: Env, id: string): Promise<unknown> {
  const runner = env.NODE_LIFECYCLE.getByName(id);
  const asked = runner.view();
  return await asked;
}
export async function request(): Promise<Response> {
  return fetch("https://example.com/");
}
export async function binding(env: Env): Promise<unknown> {
  return env.MACHINE_HOST?.fetch("http://machine-host/v1/servers");
}
export function inTime(env: Env, id: string): Promise<unknown> {
  const asked = env.TASK_RUNNER.getByName(id).view();
  return within(id, 1_000, asked);
}
async function inner(env: Env, id: string): Promise<unknown> {
  return await env.TASK_RUNNER.getByName(id).view();
}
export function around(env: Env, id: string): Promise<unknown> {
  return within(id, 1_000, inner(env, id));
}
export async function aborted(signal: AbortSignal): Promise<Response> {
  return fetch("https://example.com/", { signal });
}
`;

describe("a wait without a deadline", () => {
  it(
    "is found: a bare one, one by a name, a request, a binding; and nothing that is in time",
    () => {
      const found = findWaits(["apps/control/tsconfig.src.json"], { virtual: { [canary]: canaries } });
      expect(found.filter(({ path }) => path === canary).map(({ line }) => line)).toEqual([5, 9, 13, 16]);
    },
    patienceMs,
  );
});

describe("the product", () => {
  /** @type {import("./network-waits.mjs").Wait[]} */
  let waits = [];
  beforeAll(() => {
    waits = findWaits(projects);
  }, patienceMs);

  it("waits for nothing without a deadline", () => {
    const listed = new Set(kept.map(({ path }) => path));
    const open = waits.filter(({ path }) => !listed.has(path));
    expect(open.map(({ path, line, what }) => `${path}:${line} ${what}`)).toEqual([]);
  });

  it.each(kept)("$path: $why", ({ path, by, in: elsewhere = path }) => {
    expect(waits.some((wait) => wait.path === path)).toBe(true);
    expect(readText(elsewhere)).toContain(by);
  });
});
