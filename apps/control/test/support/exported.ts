/** The flight recorder's file of a task, as its owner gets it. */
import { readTaskExport, type TaskExport } from "@sam/protocol/task-export";

import type { Client } from "./world.ts";

/** @returns the file, as a text and as it is read. */
export async function exportOf(client: Client, taskId: string): Promise<{ text: string; exported: TaskExport }> {
  const response = await client.fetch(`/api/tasks/${taskId}/export`);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`no export: ${response.status} ${text}`);
  return { text, exported: readTaskExport(text) };
}
