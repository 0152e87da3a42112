/** Which agents are installed on this machine. */
import type { DataDirectory } from "../data-directory/data-directory.ts";
import type { Installation } from "./agent-view.ts";

/** @returns by agent; one that is not in it, or all where nothing can be found out, is not known. */
export function installedAgents(_directory: DataDirectory): Promise<ReadonlyMap<string, Installation>> {
  return Promise.resolve(new Map());
}
