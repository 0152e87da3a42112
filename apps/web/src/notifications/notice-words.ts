/** What a notification says: which kind of thing awaits you and where, and no text of the task, since it stands on a screen. */
import { toolKindWords } from "@sam/domain/permission-policy";
import { plainLine } from "@sam/domain/plain-text";
import type { InboxItem } from "@sam/protocol/inbox-api";

import { agentName } from "../task/agent-name.ts";

/** The same for as long as a task waits for the same thing. */
export function waitKey({ task, since, wait }: InboxItem): string {
  return `${task.taskId} ${since} ${wait?.permission?.requestId ?? ""}`;
}

export function noticeWords({ task, projectName, wait }: InboxItem): { readonly title: string; readonly body: string } {
  const agent = plainLine(agentName(task.agentId));
  const where = projectName === null ? "" : `In ${plainLine(projectName)}. `;
  const permission = wait?.permission ?? null;
  if (permission !== null) {
    return { title: `${agent} asks to ${toolKindWords[permission.toolKind]}`, body: `${where}Open SAM to answer it.` };
  }
  return { title: `${agent} awaits you`, body: `${where}Open SAM to say what is next.` };
}
