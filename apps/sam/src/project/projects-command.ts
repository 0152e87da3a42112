/** `sam projects`: the repositories that tasks were given for, with their defaults. */
import type { CommandContext } from "../command-context.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { printJson } from "../terminal/json-output.ts";
import { listProjects } from "./project-requests.ts";
import { projectLines } from "./project-view.ts";

export async function projectsCommand({ api, json, terminal }: CommandContext): Promise<ExitCode> {
  const projects = await listProjects(api);
  if (json) {
    printJson({ projects });
    return exitCodes.completed;
  }
  if (projects.length === 0) {
    terminal.line("No project yet. One comes to be with its first task, or with: sam project set <path or URL>");
  }
  for (const project of projects) for (const line of projectLines(project, terminal.paint)) terminal.line(line);
  return exitCodes.completed;
}
