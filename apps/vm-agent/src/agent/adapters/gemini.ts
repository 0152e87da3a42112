/** Gemini CLI. */
import { existsSync, readdirSync, renameSync, type Dirent } from "node:fs";
import { join } from "node:path";

import type { TurnUsage } from "@sam/domain/usage";
import { z } from "zod";

import type { AgentAdapter } from "./agent-adapter.ts";
import { catalogModel } from "./catalog-model.ts";
import { answerReader } from "./usage-readers.ts";

const homeName = "gemini";
const askingMode = "default";

export const gemini: AgentAdapter = {
  model: catalogModel("gemini"),
  launch: ({ stateFolder, workspace, model, modelUrl, modelToken }) => {
    const home = join(stateFolder, homeName);
    // Not the system's: it reads those from folders that are root's alone. A repository's own are left aside, untrusted.
    const settings = join(home, ".gemini/settings.json");
    const trust = join(home, "trusted-folders.json");
    return {
      args: ["--acp", ...(model === null ? [] : ["--model", model])],
      env: {
        GEMINI_CLI_HOME: home,
        GEMINI_CLI_TRUSTED_FOLDERS_PATH: trust,
        GEMINI_API_KEY: modelToken,
        GOOGLE_GEMINI_BASE_URL: modelUrl,
        // It would start itself again with other limits, and be killed in two halves.
        GEMINI_CLI_NO_RELAUNCH: "1",
      },
      files: [
        { path: settings, text: JSON.stringify(configuration) },
        { path: trust, text: JSON.stringify({ [workspace]: "DO_NOT_TRUST" }) },
      ],
      sessionMeta: null,
    };
  },
  askingMode,
  // It can't create a file through a client: it takes "no such file" for a failure of its tool.
  usesClientFiles: false,
  hiddenOptionIds: [],
  prepareLoad,
  clientMeta: null,
  leavesToolsRunning: false,
  refusalEndsTurn: false,
  usage: () => answerReader(readUsage),
  reportedFailure: () => null,
};

const configuration = {
  general: { enableAutoUpdate: false, enableAutoUpdateNotification: false, defaultApprovalMode: "default" },
  privacy: { usageStatisticsEnabled: false },
  telemetry: { enabled: false },
  security: {
    auth: { selectedType: "gemini-api-key", enforcedType: "gemini-api-key" },
    folderTrust: { enabled: true },
    disableYoloMode: true,
  },
  ide: { enabled: false },
  // In a terminal of its own a command's output is drawn, and nothing of it is told over the protocol.
  tools: { shell: { enableInteractiveShell: false } },
};

const chatName = /^session-(?!2000-)\d{4}-\d\d-\d\dT\d\d-\d\d-/;

/**
 * A load begins with writing the head of a new chat over the file that is named by the session and this very minute; a
 * chat that began in this minute would be lost. So what is there is named by a minute that is long past.
 */
function prepareLoad({ stateFolder }: { readonly stateFolder: string }, sessionId: string): void {
  const ending = `-${sessionId.slice(0, 8)}.jsonl`;
  const projects = join(stateFolder, homeName, ".gemini/tmp");
  for (const folder of foldersIn(projects).map((project) => join(projects, project, "chats"))) {
    const names = filesIn(folder).filter((name) => name.endsWith(ending));
    const free = Array.from({ length: 60 }, (_, minute) => `session-2000-01-01T00-${pad(minute)}${ending}`).filter(
      (name) => !names.includes(name),
    );
    for (const name of names.filter((each) => chatName.test(each))) {
      const next = free.shift();
      if (next !== undefined) renameSync(join(folder, name), join(folder, next));
    }
  }
}

function foldersIn(folder: string): string[] {
  return entriesIn(folder).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
}

function filesIn(folder: string): string[] {
  return entriesIn(folder).flatMap((entry) => (entry.isFile() ? [entry.name] : []));
}

function entriesIn(folder: string): Dirent[] {
  return existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
}

function pad(minute: number): string {
  return String(minute).padStart(2, "0");
}

const count = z.number().int().nonnegative();
const usageSchema = z.object({
  _meta: z.object({
    quota: z.object({ token_count: z.object({ input_tokens: count, output_tokens: count }) }),
  }),
});

/** Its input holds what was cached, and it does not say how much that was. */
function readUsage(response: unknown): TurnUsage | null {
  const parsed = usageSchema.safeParse(response);
  if (!parsed.success) return null;
  const { input_tokens: inputTokens, output_tokens: outputTokens } = parsed.data._meta.quota.token_count;
  return { scope: "turn", inputTokens, outputTokens, cachedInputTokens: null, cost: null };
}
