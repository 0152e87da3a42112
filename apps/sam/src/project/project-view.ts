/** A project in words: its repository, and what its tasks have where they say nothing else. */
import { policyMeanings } from "@sam/domain/permission-policy";
import type { ProjectView } from "@sam/protocol/project-api";

import { plainLine } from "../terminal/plain-text.ts";
import type { Paint } from "../terminal/style.ts";

const modeMeanings: Readonly<Record<ProjectView["defaults"]["mode"], string>> = {
  task: "the end of the turn delivers",
  conversation: "the end of a turn waits for what you say next",
};

export function projectLines(project: ProjectView, paint: Paint): readonly string[] {
  const { agentId, checkCommand, permissionPolicy, mode } = project.defaults;
  const check = checkCommand === null ? "none, so nobody claims that it passes" : plainLine(checkCommand);
  return [
    paint("bold", plainLine(project.name)),
    `  id      ${project.projectId}`,
    `  on      ${plainLine(project.repositoryUrl)}`,
    `  agent   ${plainLine(agentId)}`,
    `  check   ${check}`,
    `  policy  ${permissionPolicy}: ${policyMeanings[permissionPolicy]}`,
    `  mode    ${mode}: ${modeMeanings[mode]}`,
  ];
}
