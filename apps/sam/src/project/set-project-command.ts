/** `sam project set <id or repository>`: changes the defaults of a project; a repository without one gets one. */
import { existsSync } from "node:fs";

import { isId } from "@sam/domain/ids";
import { changeProjectSchema, createProjectSchema, type ProjectView } from "@sam/protocol/project-api";

import { checkedInput } from "../checked-input.ts";
import type { CommandContext } from "../command-context.ts";
import { type ExitCode, exitCodes, UsageError } from "../exit-code.ts";
import { repositoryUrl } from "../task/task-request.ts";
import { printJson } from "../terminal/json-output.ts";
import { plainLine } from "../terminal/plain-text.ts";
import { changeProject, createProject } from "./project-requests.ts";
import { projectLines } from "./project-view.ts";

export interface SetProjectOptions {
  readonly name?: string;
  readonly agent?: string;
  readonly check?: string | false;
  readonly policy?: string;
  readonly mode?: string;
}

const nothing = "Nothing was set.";
const flags: Readonly<Record<string, string>> = {
  repositoryUrl: "the repository",
  name: "--name",
  "defaults.agentId": "--agent",
  "defaults.checkCommand": "--check",
  "defaults.permissionPolicy": "--policy",
  "defaults.mode": "--mode",
};

export async function setProjectCommand(
  context: CommandContext,
  named: string,
  options: SetProjectOptions,
): Promise<ExitCode> {
  const project = await set(context, named, changeOf(options));
  if (context.json) printJson({ project });
  else for (const line of projectLines(project, context.terminal.paint)) context.terminal.line(line);
  return exitCodes.completed;
}

function changeOf({ name, agent, check, policy, mode }: SetProjectOptions) {
  const defaults = {
    agentId: agent,
    checkCommand: check === false ? null : check,
    permissionPolicy: policy,
    mode,
  };
  return { name, defaults };
}

function set({ api }: CommandContext, named: string, change: ReturnType<typeof changeOf>): Promise<ProjectView> {
  const words = { flags, nothing };
  if (isId("proj", named)) {
    const isEmpty = [change.name, ...Object.values(change.defaults)].every((value) => value === undefined);
    if (isEmpty)
      throw new UsageError(`Say what to set, such as --policy allow_edits or --check "npm test". ${nothing}`);
    return changeProject(api, named, checkedInput(changeProjectSchema, change, words));
  }
  const url = repositoryUrl(named);
  if (url.startsWith("/") && !existsSync(url)) {
    throw new UsageError(`There is nothing at ${plainLine(url)}. Name a project's id, a path or a URL. ${nothing}`);
  }
  return createProject(api, checkedInput(createProjectSchema, { repositoryUrl: url, ...change }, words));
}
