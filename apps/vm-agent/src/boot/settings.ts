/** What a VM agent is told by the environment it is started in. Anything amiss is named, and nothing is begun. */
import { readFileSync } from "node:fs";
import { isAbsolute } from "node:path";

import type { Isolation } from "@sam/domain/isolation";
import { isolationSchema } from "@sam/protocol/node-channel";
import { userDataSchema, type UserData } from "@sam/protocol/user-data";
import { z } from "zod";

import type { ExtraAgents } from "../agent/agent-table.ts";
import { messageOf } from "../clipped-text.ts";
import type { GitRelay } from "../git/remote.ts";
import { type AgentSource, readAgentSource } from "../install/agent-source.ts";

export interface Settings {
  readonly userDataPath: string;
  readonly userData: UserData;
  readonly disk: string;
  readonly controlUrl: string;
  readonly isolation: Isolation;
  /** Path of runbook.mjs; without it that agent isn't offered. */
  readonly runbook: string | null;
  readonly relay: GitRelay | null;
  readonly extraAgents: ExtraAgents;
  /** Where the agents of the catalog come from. */
  readonly agentSource: AgentSource;
  readonly timings: Timings;
}

/** Waits of the VM agent's own, in milliseconds. The deadlines of steps are the control plane's. */
const timingsSchema = z.object({
  /** Between dials while the control plane refuses the token. */
  refusedRedialMs: z.number().int().positive().default(30_000),
  /** From dialling to `welcome`. */
  welcomeMs: z.number().int().positive().default(15_000),
  /** Events that were sent but not acknowledged for this long are sent again. */
  resendMs: z.number().int().positive().default(30_000),
  /** From `session/cancel` to the end of the turn; then the agent's processes are ended. */
  cancelMs: z.number().int().positive().default(5_000),
  /** For `initialize`, and again for opening a session. */
  sessionMs: z.number().int().positive().default(50_000),
  /** From the first line of an agent that is no message to the opening of its session. */
  strayMs: z.number().int().positive().default(5_000),
  /** From asking for an agent's grant to the control plane's answer, over reconnects. */
  grantMs: z.number().int().positive().default(30_000),
  /** Without a byte from an agent's model for so long, it gives no answer. */
  modelAnswerMs: z.number().int().positive().default(180_000),
  /** For a try to push saved work, with all that belongs to it; then it stays in the mirror. */
  savePushMs: z.number().int().positive().default(60_000),
  /** From the first try to push saved work to the second; each later one takes twice as long, up to an hour. */
  saveRetryMs: z.number().int().positive().default(60_000),
  /** Between two looks at what is to be said again, tried again or tidied. */
  tendMs: z.number().int().positive().default(10_000),
  /** From SIGTERM to SIGKILL. */
  graceMs: z.number().int().positive().default(2_000),
});
export type Timings = z.infer<typeof timingsSchema>;

export class BadSettings extends Error {}

type Environment = Readonly<Record<string, string | undefined>>;

const path = z.string().refine(isAbsolute, { error: "must be an absolute path" });
const environmentSchema = z.object({
  SAM_USER_DATA: path,
  SAM_NODE_DISK: path,
  SAM_CONTROL_URL: z.url({ protocol: /^https?$/ }).optional(),
  SAM_ISOLATION: z.string().optional(),
  SAM_RUNBOOK: path.optional(),
  SAM_RELAY_SOCKET: path.optional(),
  SAM_INSTALL_SOCKET: path.optional(),
  SAM_AGENT_CACHE: path.optional(),
  SAM_AGENT_RECIPES: path.optional(),
  SAM_EXTRA_AGENTS: z.string().default("{}"),
  SAM_TIMINGS: z.string().default("{}"),
});

const extraAgentsSchema = z.record(
  z.string().min(1).max(64),
  z.object({ command: z.array(z.string()).min(1), env: z.record(z.string(), z.string()).default({}) }),
);

const unknownIsolation: Isolation = {
  processes: "unknown",
  limits: "unknown",
  reasons: ["whoever started the VM agent did not say what isolation is in force"],
};

/** @throws BadSettings naming every variable and field that is amiss. */
export function readSettings(environment: Environment): Settings {
  const parsed = environmentSchema.safeParse(environment);
  if (!parsed.success) throw new BadSettings(z.prettifyError(parsed.error));
  const env = parsed.data;
  const userData = readUserData(env.SAM_USER_DATA);
  return {
    userDataPath: env.SAM_USER_DATA,
    userData,
    disk: env.SAM_NODE_DISK,
    controlUrl: env.SAM_CONTROL_URL ?? userData.controlUrl,
    isolation:
      env.SAM_ISOLATION === undefined
        ? unknownIsolation
        : parseJson("SAM_ISOLATION", env.SAM_ISOLATION, isolationSchema),
    runbook: env.SAM_RUNBOOK ?? null,
    relay: env.SAM_RELAY_SOCKET === undefined ? null : { socket: env.SAM_RELAY_SOCKET },
    extraAgents: parseJson("SAM_EXTRA_AGENTS", env.SAM_EXTRA_AGENTS, extraAgentsSchema),
    agentSource: readAgentSource(env, env.SAM_NODE_DISK),
    timings: parseJson("SAM_TIMINGS", env.SAM_TIMINGS, timingsSchema),
  };
}

/** @throws BadSettings; never with a value of the file in its message. */
export function readUserData(file: string): UserData {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new BadSettings(`SAM_USER_DATA: ${messageOf(error)}`, { cause: error });
  }
  return parseJson("SAM_USER_DATA", text, userDataSchema);
}

function parseJson<Schema extends z.ZodType>(variable: string, text: string, schema: Schema): z.output<Schema> {
  const result = schema.safeParse(jsonOrUndefined(text));
  if (!result.success) throw new BadSettings(`${variable}: ${z.prettifyError(result.error)}`);
  return result.data;
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
