/** A system of the stand-in, up as a real process, and what a test asks of it. */
import { readFileSync } from "node:fs";

import { z } from "zod";

import { locateDataDirectory } from "../../src/data-directory/data-directory.ts";
import { isAlive, readRunRecord, readToken, type RunRecord } from "../../src/data-directory/run-record.ts";
import { exchange } from "../../src/http/exchange.ts";
import { SamProcess } from "./sam-process.ts";
import type { StandIn } from "./stand-in.ts";
import { until } from "./until.ts";

const echoSchema = z.object({
  installationId: z.string(),
  ownerId: z.string(),
  controlUrl: z.string(),
  provider: z.string(),
  settings: z.record(z.string(), z.number()),
  outages: z.array(z.object({ from: z.number(), to: z.number() })),
  version: z.string(),
  /** Newest first. */
  secretsKeyIds: z.array(z.string()),
  extraAgents: z.array(z.string()),
  sampleRepository: z.string().nullable(),
  firstTaskId: z.string(),
  /** Of the links that sign in. */
  linkHashes: z.array(z.string()),
  ticks: z.number(),
  /** When each of them expires. */
  tokens: z.array(z.number()),
});

export class TestSystem {
  readonly process: SamProcess;
  readonly standIn: StandIn;
  readonly record: RunRecord;

  private constructor(standIn: StandIn, process: SamProcess, record: RunRecord) {
    this.standIn = standIn;
    this.process = process;
    this.record = record;
  }

  /** Resolves when it is ready. */
  static async start(standIn: StandIn, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<TestSystem> {
    const process = new SamProcess(["up", ...args], { ...standIn.env, ...env });
    try {
      const record = await until(
        "the system is ready",
        () => {
          if (process.child.exitCode !== null) throw new Error(process.stderr);
          const found = readRunRecord(locateDataDirectory(standIn.dataDirectory));
          return found?.pid === process.pid ? found : null;
        },
        15_000,
      );
      return new TestSystem(standIn, process, record);
    } catch (error) {
      await process.kill("SIGKILL");
      throw error;
    }
  }

  get workerdPid(): number {
    return Number(readFileSync(locateDataDirectory(this.standIn.dataDirectory).workerdPid, "utf8"));
  }

  async echo(): Promise<z.infer<typeof echoSchema>> {
    const { status, text } = await this.call("GET", "/api/echo");
    if (status !== 200) throw new Error(`${status} ${text}`);
    return echoSchema.parse(JSON.parse(text));
  }

  call(method: "GET" | "POST", path: string, body?: unknown) {
    const token = readToken(locateDataDirectory(this.standIn.dataDirectory)) ?? "";
    return exchange(`${this.record.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      timeoutMs: 5_000,
    });
  }

  /** The way out of every test: whatever is left of it ends. */
  async end(): Promise<void> {
    if (isAlive(this.process.pid)) await this.process.kill("SIGKILL");
  }
}
