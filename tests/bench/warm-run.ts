/** `sam run` on a warm node over the same steps by hand: clone, run, commit, push. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { makeRepository } from "./support/repository.ts";
import { median, type Figure } from "./support/statistics.ts";
import type { BenchSystem } from "./support/system.ts";

const work = "grep -rl '17 0 3' src | head -200 | xargs sed -i 's/lorem/changed/'";

const byHand = `set -e
folder=$(mktemp -d)
git clone --quiet "$1" "$folder/clone"
cd "$folder/clone"
git checkout --quiet -b "by-hand-$2"
sh -e -c "$3"
git add --all
git -c user.name=Bench -c user.email=bench@localhost commit --quiet --message "by hand"
git push --quiet origin HEAD
rm -rf "$folder"
`;

export function measureWarmRun(system: BenchSystem, runs: number): Figure[] {
  const folder = mkdtempSync(join(tmpdir(), "sam-bench-run-"));
  const plan = join(folder, "plan.md");
  writeFileSync(plan, `Change two hundred files.\n\n\`\`\`sh\n${work}\n\`\`\`\n`);
  const repository = makeRepository(5_500, 200);
  const sam: number[] = [];
  const hand: number[] = [];
  // The first of each warms the node's mirror and the disk's cache, and is not counted.
  for (let run = 0; run <= runs; run += 1) {
    const handMs = runByHand(repository, `${run}`);
    const samMs = system.run("run", "--repo", repository, "--file", plan);
    if (run > 0) {
      sam.push(samMs);
      hand.push(handMs);
    }
  }
  return [
    {
      name: "`sam run` on a warm node, 5,500 files, 200 commits (median)",
      measured: median(sam),
      baseline: median(hand),
      unit: "ms",
      baselineName: "clone, run, commit, push in a shell script",
      atMost: 1.5,
      runs,
    },
  ];
}

function runByHand(repository: string, name: string): number {
  const begun = performance.now();
  const ended = spawnSync("sh", ["-c", byHand, "by-hand", repository, name, work], {
    encoding: "utf8",
    timeout: 60_000,
  });
  if (ended.status !== 0) throw new Error(`by hand: ${ended.stderr}`);
  return performance.now() - begun;
}
