/**
 * The warden ends what a machine host started when the machine host itself is gone: it holds the reading end of a pipe
 * whose other end dies with the machine host, and when it closes, it kills everything that carries the machine host's tag.
 * It is needed for plain processes only; a sandbox dies with whoever made it.
 *
 *   node warden.mjs <tag>
 */
import { removeProcesses } from "./process-removal.ts";

const attemptMs = 5_000;
const attempts = 12;

async function main(tag: string): Promise<number> {
  process.stdin.resume();
  await new Promise<void>((resolve) => {
    process.stdin.once("end", resolve).once("error", () => resolve());
  });
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const proof = await removeProcesses({
      tag: { variable: "SAM_MACHINE_HOST", value: tag, match: "exact" },
      deadlineMs: attemptMs,
    });
    if (proof.remaining.length === 0) return 0;
  }
  return 1;
}

const [, , tag] = process.argv;
process.exitCode = tag === undefined ? 2 : await main(tag);
