/**
 * A stand-in for an agent that a person talks to: it speaks ACP over its standard input and output, asks before it works,
 * and can be held. It keeps a journal of its sessions, so that one can be loaded again.
 *
 *   node stand-in-agent.mjs <gate before initialize>
 *
 * The prompt is `write <file> <text>`: it writes the text into the file of its workspace. With `ask` in place of `write` it
 * asks for a permission first. With `draft` it writes a draft beside the file and asks whether that may become it; told the
 * answer later, in another session even, it takes up the draft that it finds.
 */
import { randomUUID } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** @typedef {{ outcome: { outcome: string, optionId?: string } }} PermissionAnswer */
/** @typedef {{ sessionId: string, cwd: string, prompt: { type: string, text?: string }[] }} Params which of them are there depends on the method */
/** @typedef {{ id?: number | string, method?: string, params: Params, result: PermissionAnswer }} Message */

const [, , gate = ""] = process.argv;
const state = process.env["SAM_AGENT_STATE"] ?? ".";
/** @type {Map<number | string, (result: PermissionAnswer) => void>} */
const asked = new Map();
/** @type {Map<string, { cwd: string }>} */
const sessions = new Map();
let count = 0;

/** @param {object} message */
function send(message) {
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
}

/** @param {string} sessionId @param {string} text */
function say(sessionId, text) {
  const update = { sessionUpdate: "agent_message_chunk", content: { type: "text", text } };
  send({ method: "session/update", params: { sessionId, update } });
}

/** @param {string} sessionId */
const journal = (sessionId) => join(state, `${sessionId}.jsonl`);

/** @param {string} method @param {object} params @returns {Promise<PermissionAnswer>} */
function ask(method, params) {
  count += 1;
  const id = `ask-${count}`;
  send({ id, method, params });
  return new Promise((resolve) => {
    asked.set(id, resolve);
  });
}

async function untilOpen() {
  while (gate !== "" && existsSync(gate)) {
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
}

/** @param {Params} params */
async function prompt({ sessionId, prompt: parts }) {
  const kept = existsSync(journal(sessionId)) ? readFileSync(journal(sessionId), "utf8").trim().split("\n") : [];
  const text = parts.map((part) => part.text ?? "").join("");
  const [, begun = null, answered] = answeredMeanwhile.exec(text) ?? [];
  const order = text === "continue" ? (kept.at(-1) ?? "") : text;
  appendFileSync(journal(sessionId), `${order.replaceAll("\n", " ")}\n`);
  const [how, named = "out.txt", ...words] = order.split(" ");
  const file = begun ?? named;
  const path = join(sessions.get(sessionId)?.cwd ?? ".", file);
  if (how === "draft") writeFileSync(`${path}.draft`, `${words.join(" ")}\n`);
  const isAllowed = begun === null ? how === "write" || (await isAllowedTo(sessionId, file)) : answered === "Yes";
  if (isAllowed === null) return { stopReason: "cancelled" };
  if (isAllowed && existsSync(`${path}.draft`)) renameSync(`${path}.draft`, path);
  else if (isAllowed) writeFileSync(path, `${words.join(" ")}\n`);
  say(sessionId, isAllowed ? `Wrote ${file}.` : "Nothing was written.");
  return { stopReason: "end_turn" };
}

/** What it is told that had asked and was ended before the answer came. */
const answeredMeanwhile = /^You had asked: Write (\S+)$[^]*^The answer is: (\w+)$/m;

/** @param {string} sessionId @param {string} file @returns {Promise<boolean | null>} null: nobody will say */
async function isAllowedTo(sessionId, file) {
  say(sessionId, `May I write ${file}?`);
  const toolCall = { toolCallId: `call-${randomUUID()}`, title: `Write ${file}`, kind: "edit", status: "pending" };
  const options = [
    { optionId: "yes", name: "Yes", kind: "allow_once" },
    { optionId: "no", name: "No", kind: "reject_once" },
  ];
  const { outcome } = await ask("session/request_permission", { sessionId, toolCall, options });
  return outcome.outcome === "selected" ? outcome.optionId === "yes" : null;
}

/** @param {string} method @param {Params} params @returns {Promise<object>} */
async function answer(method, params) {
  switch (method) {
    case "initialize":
      await untilOpen();
      return { protocolVersion: 1, agentCapabilities: { loadSession: true }, authMethods: [] };
    case "session/new": {
      const sessionId = `stand-in-${process.pid}-${Date.now()}`;
      mkdirSync(state, { recursive: true });
      writeFileSync(journal(sessionId), "");
      sessions.set(sessionId, { cwd: params.cwd });
      return { sessionId };
    }
    case "session/load":
      // On another machine there is no such session.
      if (!existsSync(journal(params.sessionId))) throw new Error(`there is no session ${params.sessionId}`);
      sessions.set(params.sessionId, { cwd: params.cwd });
      return {};
    case "session/prompt":
      return prompt(params);
    default:
      return {};
  }
}

createInterface({ input: process.stdin })
  .on("line", (line) => {
    /** @type {Message} */
    const { id, method, params, result } = JSON.parse(line);
    if (method === undefined) {
      if (id !== undefined) asked.get(id)?.(result);
    } else if (id === undefined) {
      if (method === "session/cancel")
        for (const settle of asked.values()) settle({ outcome: { outcome: "cancelled" } });
    } else {
      void answer(method, params).then(
        (answered) => send({ id, result: answered }),
        (/** @type {unknown} */ error) => send({ id, error: { code: -32_000, message: String(error) } }),
      );
    }
  })
  .on("close", () => process.exit(0));
