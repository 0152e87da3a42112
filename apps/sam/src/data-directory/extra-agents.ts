/**
 * The agents that this installation adds to SAM's own: `agents.json` in the data directory, read at each start. Each is a
 * program that speaks ACP over its standard input and output, and that a node can see: one of the system, or on the PATH.
 */
import { z } from "zod";

import { UsageError } from "../exit-code.ts";
import type { DataDirectory } from "./data-directory.ts";
import { parseJson, readFileIfThere } from "./files.ts";

const extraAgentsSchema = z.record(
  z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, "must be an agent's id, such as my-agent"),
  z.strictObject({
    /** Program and arguments. */
    command: z.array(z.string()).min(1),
    env: z.record(z.string(), z.string()).default({}),
  }),
);
export type ExtraAgents = z.infer<typeof extraAgentsSchema>;

/** @returns none where there is no file. Throws a UsageError that names each bad field. */
export function loadExtraAgents(directory: DataDirectory): ExtraAgents {
  const text = readFileIfThere(directory.agents);
  if (text === null) return {};
  const parsed = extraAgentsSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new UsageError(
    `${directory.agents} has agents that cannot be used:\n${z.prettifyError(parsed.error)}\n` +
      `It is a JSON object such as {"my-agent": {"command": ["my-agent", "--acp"]}}. Put it right or remove it; ` +
      `nothing was started.`,
  );
}
