/** An agent in words: what it is, what it is set to, and what it lacks. */
import type { ProjectId } from "@sam/domain/ids";
import type { AgentView } from "@sam/protocol/agent-api";
import type { InstallListLine } from "@sam/protocol/agent-install";

import { wrap } from "../terminal/cells.ts";
import { plainLine } from "../terminal/plain-text.ts";
import type { Screen } from "../terminal/terminal.ts";

/** What this machine has of an agent; null where that is not known. */
export type Installation = Pick<InstallListLine, "condition" | "megabytes"> | null;

const indent = 15;
const readableWidth = 100;

export function agentLines(
  agent: AgentView,
  installation: Installation,
  projectId: ProjectId | null,
  screen: Pick<Screen, "paint" | "width">,
): readonly string[] {
  const { paint } = screen;
  const sign = agent.lacks === null ? " " : paint("amber", "▲");
  const facts: readonly (readonly [string, string | null])[] = [
    ["key", keyText(agent)],
    ["model", settingText(agent, "model", projectId)],
    ["base URL", settingText(agent, "baseUrl", projectId)],
    ["lacks", agent.lacks],
    ["limits", agent.limits.length === 0 ? null : agent.limits.join(" ")],
  ];
  return [
    `${sign} ${paint("bold", plainLine(agent.agentId).padEnd(indent - 2))}${nameText(agent, installation)}`,
    ...facts.flatMap(([name, text]) => (text === null ? [] : factLines(name, text, screen))),
  ];
}

function factLines(name: string, text: string, screen: Pick<Screen, "paint" | "width">): readonly string[] {
  const column = indent + 10;
  const width = Math.min(readableWidth, screen.width()) - column - 1;
  const [first = "", ...others] = wrap(plainLine(text), width);
  return [
    `${" ".repeat(indent)}${screen.paint("grey", name.padEnd(10))}${first}`,
    ...others.map((line) => " ".repeat(column) + line),
  ];
}

/** Such as `Codex 2.6.0, installed on this machine`. */
export function nameText({ name, npmPackage, version }: AgentView, installation: Installation): string {
  if (npmPackage === null) return plainLine(name);
  return `${plainLine(name)} ${plainLine(version ?? "")}${installationText(installation)}`;
}

function installationText(installation: Installation): string {
  switch (installation?.condition) {
    case "whole":
      return ", installed on this machine";
    case "absent":
      return `, installed at its first use (about ${installation?.megabytes ?? 0} MB)`;
    case "damaged":
      return ", damaged on this machine: installed anew at its next use";
    case undefined:
      return "";
  }
}

function keyText({ keyName, keyIsSet }: AgentView): string | null {
  if (keyName === null) return null;
  return keyIsSet ? `${keyName} is set` : `${keyName} is not set`;
}

/** The project's own setting goes before the owner's, and that before the agent's. */
function settingText(agent: AgentView, field: "model" | "baseUrl", projectId: ProjectId | null): string | null {
  if (agent.keyName === null && agent.settings.length === 0) return null;
  const own = agent.settings.find((one) => projectId !== null && one.projectId === projectId)?.[field];
  const general = agent.settings.find((one) => one.projectId === null)?.[field];
  const others = agent.settings
    .filter((one) => one.projectId !== null && one.projectId !== projectId && one[field] !== null)
    .map((one) => `; ${one[field] ?? ""} for ${one.projectId ?? ""}`)
    .join("");
  return `${inForce(agent, field, own ?? null, general ?? null)}${others}`;
}

function inForce(agent: AgentView, field: "model" | "baseUrl", own: string | null, general: string | null): string {
  if (own !== null) return `${own} (set for this project)`;
  if (general !== null) return `${general} (set by you)`;
  const preset = field === "model" ? agent.defaultModel : agent.defaultBaseUrl;
  if (preset !== null) return `${preset} (default)`;
  return field === "model" ? "its own choice" : "none";
}
