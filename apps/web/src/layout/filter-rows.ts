/** The filter of the list of tasks. */
import type { TaskRow } from "@sam/protocol/task-api";

/** @returns the rows whose title, agent, repository, id or step holds every word of the text. */
export function filterRows(rows: readonly TaskRow[], text: string): readonly TaskRow[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  if (words.length === 0) return rows;
  return rows.filter(({ title, agentId, repositoryUrl, taskId, step }) => {
    const all = `${title} ${agentId} ${repositoryUrl} ${taskId} ${step}`.toLowerCase();
    return words.every((word) => all.includes(word));
  });
}
