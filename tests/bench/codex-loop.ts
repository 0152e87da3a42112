/**
 * The whole loop with a real agent, Codex, and the scripted model, on a warm node: over the same steps by hand, which are
 * git clone, acpx (a headless ACP client), commit and push, with the same Codex and the same model.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { agentCatalog } from "@sam/domain/agent-catalog";
import { z } from "zod";

import { makeRepository } from "./support/repository.ts";
import { median, type Figure } from "./support/statistics.ts";
import { checkout, type BenchSystem } from "./support/system.ts";

const acpxVersion = "0.19.1";
const model = "gpt-5.5";
const key = "bench-key-of-the-scripted-model";
const installTimeoutMs = 300_000;
const runTimeoutMs = 60_000;

const prompt = `Change one file and add another.

\`\`\`model-script
[
  {"say": "First the note."},
  {"write": {"path": "NOTE.md", "content": "A note.\\n"}},
  {"run": "echo changed >> src/m0/f0.txt"},
  {"say": "Done."}
]
\`\`\`
`;

const byHand = `set -e
folder=$(mktemp -d)
git clone --quiet "$REPOSITORY" "$folder/clone"
cd "$folder/clone"
git checkout --quiet -b "by-hand-$RUN"
"$NODE" "$ACPX" --cwd "$PWD" --agent "$CODEX" --approve-all --format quiet exec --file "$PROMPT"
git add --all
git -c user.name=Bench -c user.email=bench@localhost commit --quiet --message "by hand"
git push --quiet origin HEAD
test -s NOTE.md
rm -rf "$folder"
`;

export async function measureCodexLoop(system: BenchSystem, runs: number): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "sam-bench-codex-"));
  const modelServer = await startModelServer();
  try {
    const plan = join(folder, "prompt.md");
    writeFileSync(plan, prompt);
    const repository = makeRepository(200, 5);
    await put(system, "/api/secrets/OPENAI_API_KEY", { value: key });
    await put(system, "/api/agents/codex/settings", { model, baseUrl: `${modelServer.url}/v1` });
    const sam = () =>
      system.run("run", "--repo", repository, "--agent", "codex", "--policy", "allow_all", "--file", plan);
    // The first run installs Codex, which the baseline then uses too.
    sam();
    const environment = environmentByHand({
      folder,
      repository,
      plan,
      modelUrl: modelServer.url,
      acpx: ensureAcpx(),
      system,
    });
    const measured: number[] = [];
    const baseline: number[] = [];
    for (let run = 0; run <= runs; run += 1) {
      const handMs = runByHand({ ...environment, RUN: `${run}` });
      const samMs = sam();
      // The first of each warms what there is to warm, and is not counted.
      if (run === 0) continue;
      measured.push(samMs);
      baseline.push(handMs);
    }
    return [
      {
        name: "the whole loop with Codex and the scripted model, 200 files (median)",
        measured: median(measured),
        baseline: median(baseline),
        unit: "ms",
        baselineName: `git clone, acpx ${acpxVersion}, commit, push by hand`,
        atMost: 1.3,
        runs,
      },
    ];
  } finally {
    modelServer.child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
}

interface ByHand {
  readonly folder: string;
  readonly repository: string;
  readonly plan: string;
  readonly modelUrl: string;
  readonly acpx: string;
  readonly system: BenchSystem;
}

/** Codex as one configures it by hand for a model server of one's own: it may do everything, and asks nothing. */
function environmentByHand({ folder, repository, plan, modelUrl, acpx, system }: ByHand): NodeJS.ProcessEnv {
  const home = join(folder, "home");
  const codexHome = join(home, ".codex");
  const temporary = join(folder, "tmp");
  for (const path of [codexHome, temporary]) mkdirSync(path, { recursive: true });
  const config = [
    `model = "${model}"`,
    'model_provider = "bench"',
    "[model_providers.bench]",
    'name = "bench"',
    `base_url = "${modelUrl}/v1"`,
    'wire_api = "responses"',
    'env_key = "BENCH_MODEL_KEY"',
    "request_max_retries = 0",
    "stream_max_retries = 0",
  ];
  writeFileSync(join(codexHome, "config.toml"), `${config.join("\n")}\n`);
  const { npmPackage } = agentCatalog.codex;
  const installed = join(system.agentCache, `codex@${agentCatalog.codex.version}`, "node_modules", npmPackage);
  return {
    PATH: process.env["PATH"],
    HOME: home,
    TMPDIR: temporary,
    CODEX_HOME: codexHome,
    BENCH_MODEL_KEY: key,
    INITIAL_AGENT_MODE: "agent-full-access",
    NODE: process.execPath,
    ACPX: acpx,
    CODEX: `${process.execPath} ${join(installed, "dist/index.js")}`,
    PROMPT: plan,
    REPOSITORY: repository,
  };
}

function runByHand(env: NodeJS.ProcessEnv): number {
  const begun = performance.now();
  const ended = spawnSync("sh", ["-c", byHand], { encoding: "utf8", timeout: runTimeoutMs, env });
  if (ended.status !== 0) throw new Error(`by hand: exit code ${ended.status}\n${ended.stdout}${ended.stderr}`);
  return performance.now() - begun;
}

/** @returns acpx's start file; it is installed once per checkout, beside what the packages cache. */
function ensureAcpx(): string {
  const folder = join(checkout, "node_modules/.cache", `acpx-${acpxVersion}`);
  const program = join(folder, "node_modules/.bin/acpx");
  if (existsSync(program)) return program;
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  writeFileSync(join(unfinished, "package.json"), '{"private":true}');
  const args = ["install", "--no-audit", "--no-fund", "--ignore-scripts", `acpx@${acpxVersion}`];
  const ended = spawnSync("npm", args, { cwd: unfinished, encoding: "utf8", timeout: installTimeoutMs });
  if (ended.status !== 0) throw new Error(`acpx could not be installed: ${ended.stderr}`);
  renameSync(unfinished, folder);
  return program;
}

async function put(system: BenchSystem, path: string, body: unknown): Promise<void> {
  const answer = await system.call(path, body, "PUT");
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
}

/** In a process of its own: the runs block this one. */
async function startModelServer(): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = spawn(process.execPath, [join(checkout, "tests/model-server/main.ts"), "--api-key", key], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    return { child, url: z.object({ url: z.url() }).parse(JSON.parse(line)).url };
  }
  throw new Error("the model server ended before it said its URL");
}
