/**
 * What a notification says. It stands on a locked screen and goes through a push service, so it holds no text of the task:
 * neither its title nor what its agent asks, only which kind of thing awaits its owner, and in which repository.
 */
import { agentCatalog, isCatalogAgent } from "@sam/domain/agent-catalog";
import type { TaskId } from "@sam/domain/ids";
import { toolKindWords } from "@sam/domain/permission-policy";
import type { TaskEffect } from "@sam/domain/task-event";
import type { TaskFacts } from "@sam/domain/task-facts";
import { visibleLine } from "@sam/domain/visible-text";
import type { PushPayload } from "@sam/protocol/push-api";

export type Notice = Pick<PushPayload, "about" | "title" | "body"> & { readonly taskId: TaskId | null };

const maxName = 60;

export function noticeOf(facts: TaskFacts, { toolKind }: Extract<TaskEffect, { kind: "notify" }>): Notice {
  const { taskId, agentId, repository } = facts.request;
  const agent = isCatalogAgent(agentId) ? agentCatalog[agentId].name : agentId;
  const where = `In ${repositoryName(repository.url)}. Open SAM to `;
  if (toolKind === null) {
    return { about: "words", taskId, title: `${agent} has ended its turn`, body: `${where}say what is next.` };
  }
  return {
    about: "permission",
    taskId,
    title: `${agent} asks to ${toolKindWords[toolKind]}`,
    body: `${where}answer it.`,
  };
}

/** The last part of a path or a URL. */
function repositoryName(url: string): string {
  const name = url
    .replace(/\/+$/, "")
    .replace(/\.git$/, "")
    .split(/[/:]/)
    .at(-1);
  return visibleLine(name ?? "a repository")
    .slice(0, maxName)
    .toWellFormed();
}
