/**
 * An agent for tests, real but without a mind: it speaks the Agent Client Protocol, and a prompt is a script of what to
 * do in the workspace. `argv[2]` says how it behaves at its start. Bundled and started as a program.
 */
import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Readable, Writable } from "node:stream";

import {
  agent,
  methods,
  ndJsonStream,
  PROTOCOL_VERSION,
  RequestError,
  type AgentContext,
} from "@agentclientprotocol/sdk/unstable";
import { z } from "zod";

import { stepSchema, type Step } from "./agent-script.ts";

const behaviour = process.argv[2] ?? "well";
const stateFolder = process.env["SAM_AGENT_STATE"] ?? "/nonexistent";
const cancelled = new AbortController();
let sessionId = "";

if (behaviour === "exits") process.exit(3);
if (behaviour === "prints") process.stdout.write("Welcome to some other program!\n");
if (behaviour === "banner") process.stdout.write("a banner of one line\n");
process.stderr.write(`test agent, pid ${process.pid}\n`);

const taskId = process.env["SAM_TASK_ID"] ?? "no task";
const logFile = process.env["TEST_AGENT_LOG"] ?? join(stateFolder, "log");

function note(line: string): void {
  appendFileSync(logFile, `${taskId} ${line}\n`);
}

/** Notes its own start, and every earlier agent of the same task that is still alive. */
function noteStart(how: string): void {
  const earlier = existsSync(logFile)
    ? readFileSync(logFile, "utf8")
        .split("\n")
        .filter((line) => line.startsWith(taskId))
    : [];
  for (const pid of earlier.flatMap((line) => /pid (\d+)$/.exec(line)?.[1] ?? [])) {
    const status = existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, "utf8") : "";
    if (status !== "" && !/^State:\s+Z/m.test(status) && Number(pid) !== process.pid) note(`beside ${pid}`);
  }
  note(`${how} ${sessionId} pid ${process.pid}`);
}

async function run(step: Step, client: AgentContext): Promise<"end" | "cancelled" | "next"> {
  const say = (text: string) =>
    client.notify(methods.client.session.update, {
      sessionId,
      update: { sessionUpdate: "agent_message_chunk", content: { type: "text", text } },
    });
  if ("write" in step) {
    mkdirSync(dirname(join(process.cwd(), step.write)), { recursive: true });
    writeFileSync(step.write, step.content ?? `${step.write}\n`);
  } else if ("sh" in step) {
    const { status, stdout, stderr } = spawnSync("/bin/sh", ["-c", step.sh], { encoding: "utf8" });
    await say(`${stdout}${stderr}[${String(status)}]`);
  } else if ("say" in step) {
    for (let count = 0; count < (step.times ?? 1); count += 1)
      await say(step.times === undefined ? step.say : `${step.say} ${count}`);
  } else if ("chunks" in step) {
    for (const text of step.chunks) await say(text);
  } else if ("callModel" in step) {
    for (let count = 0; count < step.callModel; count += 1) await say(String(await callModel()));
  } else if ("complain" in step) {
    process.stderr.write(step.complain);
  } else if ("sayLength" in step) {
    await say("x".repeat(step.sayLength) + step.ending);
  } else if ("background" in step) {
    spawn("/bin/sh", ["-c", step.background], { detached: true, stdio: "ignore" }).unref();
  } else if ("stubborn" in step) {
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => undefined);
  } else if ("ask" in step) {
    const answer = await client.request(methods.client.session.requestPermission, {
      sessionId,
      toolCall: { toolCallId: "call-1", title: step.ask },
      options: [
        { optionId: "yes", name: "Allow", kind: "allow_once" },
        { optionId: "no", name: "Reject", kind: "reject_once" },
      ],
    });
    await say(JSON.stringify(answer.outcome));
    if (answer.outcome.outcome === "cancelled") return "cancelled";
  } else if ("readThroughClient" in step) {
    const text = await client.request(methods.client.fs.readTextFile, { sessionId, path: step.readThroughClient }).then(
      ({ content }) => `read ${content}`,
      (error: unknown) => `refused ${String(error)}`,
    );
    await say(text);
  } else if ("writeThroughClient" in step) {
    const text = await client
      .request(methods.client.fs.writeTextFile, {
        sessionId,
        path: step.writeThroughClient,
        content: "written through the client\n",
      })
      .then(
        () => "wrote",
        (error: unknown) => `refused ${String(error)}`,
      );
    await say(text);
  } else if ("raw" in step) {
    process.stdout.write(`${step.raw}\n`);
  } else if ("exit" in step) {
    process.exit(step.exit);
  } else if ("fail" in step) {
    throw new RequestError(-32_603, step.fail);
  } else if ("hang" in step) {
    return await hang(step.hang);
  }
  return "next";
}

const openCodeSchema = z.object({
  provider: z.object({ sam: z.object({ options: z.object({ baseURL: z.string(), apiKey: z.string() }) }) }),
});

/** @returns the status. */
async function callModel(): Promise<number> {
  const { provider } = openCodeSchema.parse(JSON.parse(process.env["OPENCODE_CONFIG_CONTENT"] ?? "null"));
  const { baseURL, apiKey } = provider.sam.options;
  const answer = await fetch(`${baseURL}/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}` },
    body: "{}",
    signal: AbortSignal.any([cancelled.signal, AbortSignal.timeout(60_000)]),
  });
  await answer.text();
  return answer.status;
}

/** Waits for a cancel; a deaf one for ever. */
async function hang(how: "listening" | "deaf"): Promise<"cancelled"> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const alive = setInterval(() => undefined, 1_000);
  if (how === "listening") cancelled.signal.addEventListener("abort", () => resolve());
  await promise;
  clearInterval(alive);
  return "cancelled";
}

agent({ name: "test-agent" })
  .onRequest(methods.agent.initialize, async () => {
    if (behaviour === "refuses") throw new RequestError(-32_603, "no model is configured");
    if (behaviour === "hangs" || behaviour === "prints") await new Promise(() => undefined);
    return {
      protocolVersion: PROTOCOL_VERSION,
      agentInfo: { name: "test-agent", version: "1.2.3" },
      agentCapabilities: { loadSession: behaviour !== "forgetful" },
    };
  })
  .onRequest(methods.agent.session.new, () => {
    sessionId = `session-${process.pid}-${Date.now()}`;
    noteStart("new");
    writeFileSync(join(stateFolder, sessionId), "");
    return { sessionId };
  })
  .onRequest(methods.agent.session.load, async ({ params, client }) => {
    const file = join(stateFolder, params.sessionId);
    if (!existsSync(file)) throw RequestError.sessionNotFound(params.sessionId);
    sessionId = params.sessionId;
    noteStart("load");
    for (const text of readFileSync(file, "utf8").split("\n")) {
      await client.notify(methods.client.session.update, {
        sessionId,
        update: { sessionUpdate: "user_message_chunk", content: { type: "text", text } },
      });
    }
    return {};
  })
  .onRequest(methods.agent.session.prompt, async ({ params, client }) => {
    const [block] = params.prompt;
    const text = block?.type === "text" ? block.text : "";
    const isResumed = params._meta?.["sam.dev/resume"] === true;
    appendFileSync(join(stateFolder, sessionId), `${text}\n`);
    note(`prompt ${isResumed ? "resumed" : "told"} ${text.slice(0, 60)}`);
    const script = isResumed ? [{ say: `resumed with ${text}` }] : z.array(stepSchema).parse(JSON.parse(text));
    for (const step of script) {
      const outcome = await run(step, client);
      if (outcome === "cancelled") return { stopReason: "cancelled" };
      if ("report" in step) return { stopReason: "end_turn", _meta: { "sam.dev/runbook": step.report } };
    }
    note("end");
    return { stopReason: "end_turn", usage: { inputTokens: 3, outputTokens: 4, totalTokens: 7 } };
  })
  .onNotification(methods.agent.session.cancel, () => {
    note("cancel");
    cancelled.abort();
  })
  .connect(ndJsonStream(Writable.toWeb(process.stdout), Readable.toWeb(process.stdin)));
