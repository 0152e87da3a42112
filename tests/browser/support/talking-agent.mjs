/**
 * An agent that says and does what its prompt tells it, line by line, over the Agent Client Protocol. What it says is
 * numbered through the whole session, so that a page which loses, doubles or swaps a message is found out.
 *
 *   name WORD            what its numbers are called from here on, such as `alpha 17`
 *   say N [MS]           N numbered messages, with so much time between
 *   join N [MS]          N numbered pieces of one message, in paragraphs
 *   run N                N numbered tool calls that print something
 *   wait GATE            waits while this file is there
 *   ask FILE TEXT        asks whether it may write the file, and does so where it may
 *   write FILE TEXT      writes it without a question
 *   markdown TEXT        says the text; \n is a new line
 */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

/** @typedef {{ outcome: { outcome: string, optionId?: string } }} PermissionAnswer */
/** @typedef {{ sessionId: string, cwd: string, prompt: { text?: string }[] }} Params */
/** @typedef {{ id?: number | string, method?: string, params: Params, result: PermissionAnswer }} Message */

const looksMs = 30;
/** So many pieces of a message are one. */
const paragraph = 25;
/** @type {Map<number | string, (result: PermissionAnswer) => void>} */
const asked = new Map();
let directory = ".";
let name = "tick";
let number = 0;
let questions = 0;
let isCancelled = false;

/** @param {object} message */
function send(message) {
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
}

/** @param {string} sessionId @param {object} update */
function tell(sessionId, update) {
  send({ method: "session/update", params: { sessionId, update } });
}

/** @param {string} sessionId @param {string} text @param {string} messageId */
function say(sessionId, text, messageId) {
  tell(sessionId, { sessionUpdate: "agent_message_chunk", messageId, content: { type: "text", text } });
}

function next() {
  number += 1;
  return `${name} ${number}`;
}

/** @param {string} sessionId @param {string[]} words @param {string | null} joinedAs */
async function talk(sessionId, [count = "1", pauseMs = "0"], joinedAs) {
  for (let left = Number(count); left > 0 && !isCancelled; left -= 1) {
    const text = next();
    const isInParagraph = joinedAs !== null && number % paragraph !== 0;
    say(sessionId, isInParagraph ? `${text}, ` : `${text}\n\n`, joinedAs ?? text);
    if (Number(pauseMs) > 0) await sleep(Number(pauseMs));
  }
}

/** @param {string} sessionId @param {number} count */
function runTools(sessionId, count) {
  for (let left = count; left > 0; left -= 1) {
    const toolCallId = next();
    tell(sessionId, { sessionUpdate: "tool_call", toolCallId, title: toolCallId, kind: "execute", status: "pending" });
    const content = [{ type: "content", content: { type: "text", text: `printed by ${toolCallId}` } }];
    tell(sessionId, { sessionUpdate: "tool_call_update", toolCallId, status: "completed", content });
  }
}

/** @param {string} sessionId @param {string} file @param {string} text */
async function askToWrite(sessionId, file, text) {
  questions += 1;
  const locations = [{ path: join(directory, file) }];
  const toolCall = {
    toolCallId: `call-${questions}`,
    title: `Write ${file}`,
    kind: "edit",
    status: "pending",
    locations,
  };
  const options = [
    { optionId: "yes", name: "Yes", kind: "allow_once" },
    { optionId: "no", name: "No", kind: "reject_once" },
  ];
  const id = `ask-${questions}`;
  send({ id, method: "session/request_permission", params: { sessionId, toolCall, options } });
  const { outcome } = await new Promise((/** @type {(result: PermissionAnswer) => void} */ resolve) => {
    asked.set(id, resolve);
  });
  if (outcome.optionId !== "yes") say(sessionId, `Nothing was written to ${file}.`, id);
  else write(sessionId, file, text);
}

/** @param {string} sessionId @param {string} file @param {string} text */
function write(sessionId, file, text) {
  writeFileSync(join(directory, file), `${text}\n`);
  say(sessionId, `Wrote ${file}.`, `wrote ${file}`);
}

/** @param {string} sessionId @param {string} line */
async function obey(sessionId, line) {
  const [order, first = "", ...rest] = line.trim().split(" ");
  switch (order) {
    case "name":
      name = first;
      return;
    case "say":
      return talk(sessionId, [first, ...rest], null);
    case "join":
      return talk(sessionId, [first, ...rest], `joined from ${number + 1}`);
    case "run":
      return runTools(sessionId, Number(first));
    case "wait":
      while (existsSync(first) && !isCancelled) await sleep(looksMs);
      return;
    case "ask":
      return askToWrite(sessionId, first, rest.join(" "));
    case "write":
      return write(sessionId, first, rest.join(" "));
    case "markdown":
      return say(sessionId, [first, ...rest].join(" ").replaceAll("\\n", "\n"), `markdown ${next()}`);
    default:
      if (order !== undefined && order !== "") say(sessionId, `I heard: ${line}`, `heard ${next()}`);
  }
}

/** @param {Params} params */
async function prompt({ sessionId, prompt: parts }) {
  isCancelled = false;
  const lines = parts.flatMap(({ text = "" }) => text.split("\n"));
  for (const line of lines) if (!isCancelled) await obey(sessionId, line);
  return { stopReason: isCancelled ? "cancelled" : "end_turn" };
}

/** @param {string} method @param {Params} params @returns {Promise<object>} */
async function answer(method, params) {
  switch (method) {
    case "initialize":
      return { protocolVersion: 1, agentCapabilities: { loadSession: true }, authMethods: [] };
    case "session/new":
      directory = params.cwd;
      return { sessionId: `talking-${process.pid}` };
    case "session/load":
      directory = params.cwd;
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
      if (method !== "session/cancel") return;
      isCancelled = true;
      for (const settle of asked.values()) settle({ outcome: { outcome: "cancelled" } });
    } else {
      void answer(method, params).then((answered) => send({ id, result: answered }));
    }
  })
  .on("close", () => process.exit(0));
