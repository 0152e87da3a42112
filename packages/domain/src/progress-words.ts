/** The last evidence of progress, as a person reads it. */
import { plainLine } from "./plain-text.ts";

const megabyte = 1_000_000;

/** Of `agent_install 12345678`, such as "agent install, 12.3 MB"; anything else as it stands. */
export function progressText(progress: string): string {
  const [, phase, bytes] = /^([a-z_]+) (\d+)$/.exec(progress) ?? [];
  if (phase === undefined || bytes === undefined) return plainLine(progress).replaceAll("_", " ");
  return `${phase.replaceAll("_", " ")}, ${(Number(bytes) / megabyte).toFixed(1)} MB`;
}
