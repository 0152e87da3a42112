/**
 * A hostile agent: it speaks ACP, and does whatever a test has written into a play, however little of it an agent should.
 *
 *   node hostile-agent.mjs <folder of plays>
 *
 * The prompt is `play <name>`: the acts of `<folder>/<name>.json`, one after the other. What they came to is a report in the
 * agent's state folder. In a text of an act `{{cwd}}`, `{{parent}}`, `{{state}}` and `{{secret}}` stand for what they name,
 * `{{secret:3:9}}` for a piece of the secret, and `{{secret:base64}}`,
 * `{{secret:basic}}`, `{{secret:url}}` and `{{secret:json}}` for what encodings make of it.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";

/** @typedef {{ path: string, content?: string }} FileParams */
/** @typedef {{ do: string, [field: string]: unknown }} Act which fields there are depends on what it does */
/** @typedef {{ id?: number | string, method?: string, params?: Record<string, unknown>, result?: unknown, error?: unknown }} Message */

const [, , plays = "."] = process.argv;
const state = process.env["SAM_AGENT_STATE"] ?? ".";
const secret = process.env["HOSTILE_SECRET"] ?? "";
const fileRounds = 60;
/** @type {Map<number | string, (answer: { result?: unknown, error?: unknown }) => void>} */
const asked = new Map();
let count = 0;
let sessionId = "";
let cwd = "/";

/** @param {string} line */
function write(line) {
  process.stdout.write(`${line}\n`);
}

/** @param {object} message */
function send(message) {
  write(JSON.stringify({ jsonrpc: "2.0", ...message }));
}

/** @param {string} method @param {object} params @returns {Promise<{ result?: unknown, error?: unknown }>} */
function ask(method, params) {
  count += 1;
  const id = `hostile-${count}`;
  send({ id, method, params: { sessionId, ...params } });
  return new Promise((resolve) => {
    asked.set(id, resolve);
  });
}

/** @param {string} form @returns {string} */
function secretAs(form) {
  if (form === "base64") return Buffer.from(secret).toString("base64");
  if (form === "basic") return Buffer.from(`user:${secret}`).toString("base64");
  if (form === "json") return JSON.stringify(secret);
  if (form === "url") return encodeURIComponent(secret);
  const [from = 0, to = secret.length] = form.split(":").map(Number);
  return secret.slice(from, to);
}

/** @param {unknown} value @returns {string} */
function filled(value) {
  return String(value)
    .replaceAll("{{cwd}}", cwd)
    .replaceAll("{{session}}", sessionId)
    .replaceAll("{{session-id}}", `${process.pid}`)
    .replaceAll("{{parent}}", String(process.ppid))
    .replaceAll("{{state}}", state)
    .replaceAll("{{secret}}", secret)
    .replaceAll(/\{\{secret:[\w:]+\}\}/g, (named) => secretAs(named.slice("{{secret:".length, -"}}".length)));
}

/** The same in every text of a value, keys too. @param {unknown} value @returns {object} */
function filledAll(value) {
  /** @type {unknown} */
  const copy = JSON.parse(JSON.stringify(value), (_key, /** @type {unknown} */ inner) =>
    typeof inner === "string" ? filled(inner) : filledKeys(inner),
  );
  return typeof copy === "object" && copy !== null ? copy : {};
}

/** @param {unknown} value @returns {unknown} */
function filledKeys(value) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [filled(key), inner]));
}

/** @param {Act} act @returns {Promise<unknown>} */
function fetchAs({ url, method = "GET", headers = {} }) {
  return new Promise((resolve) => {
    const sent = Object.entries(filledAll(headers ?? {})).map(([name, value]) => [name, String(value)]);
    const options = { method: String(method), headers: Object.fromEntries(sent), timeout: 10_000 };
    const request = httpRequest(filled(url), options);
    request.on("response", (response) => {
      response.resume();
      resolve({ status: response.statusCode });
    });
    request.on("error", (error) => resolve({ error: error.message }));
    request.end(method === "GET" ? undefined : "{}");
  });
}

/** A folder of the workspace turns into a link that leads out, and back, while its file is asked for again and again. */
async function race() {
  const folder = join(cwd, "swapped");
  const inside = join(cwd, "swapped-inside");
  mkdirSync(inside, { recursive: true });
  writeFileSync(join(inside, "token"), "inside");
  symlinkSync(inside, folder);
  const target = filled("{{state}}/outside");
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, "token"), "outside");
  /** @type {unknown[]} */
  const got = [];
  for (let round = 0; round < fileRounds; round += 1) {
    const answers = [
      ask("fs/read_text_file", { path: join(folder, "token") }),
      ask("fs/write_text_file", { path: join(folder, "token"), content: "inside" }),
    ];
    for (const to of [target, inside, target, inside]) {
      symlinkSync(to, `${folder}.next`);
      renameSync(`${folder}.next`, folder);
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
    got.push(...(await Promise.all(answers)));
  }
  unlinkSync(folder);
  rmSync(inside, { recursive: true });
  return { got, outside: readFileSync(join(target, "token"), "utf8") };
}

/** @param {Act} act @returns {Promise<unknown>} what the report says of it */
async function perform(act) {
  switch (act.do) {
    case "line":
      return write(String(act["text"]).replaceAll("{{session}}", JSON.stringify(sessionId).slice(1, -1)));
    case "update":
      return send({ method: "session/update", params: { sessionId, update: filledAll(act["update"]) } });
    case "ask":
      return ask("session/request_permission", filledAll(act["params"]));
    case "request":
      return ask(String(act["method"]), filledAll(act["params"]));
    case "file": {
      const path = join(cwd, filled(act["path"]));
      mkdirSync(dirname(path), { recursive: true });
      return writeFileSync(path, filled(act["text"]));
    }
    case "sh": {
      const ended = spawnSync("/bin/sh", ["-c", filled(act["script"])], { cwd, encoding: "utf8" });
      return { exitCode: ended.status, output: ended.stdout + ended.stderr };
    }
    case "http":
      return fetchAs(act);
    case "race":
      return race();
    case "stderr":
      return void process.stderr.write(filled(act["text"]));
    case "exit":
      return process.exit(Number(act["code"]));
    default:
      throw new Error(`no such act: ${act.do}`);
  }
}

/** @param {Record<string, unknown>} params @returns {Promise<{ result?: unknown, error?: unknown }>} */
async function prompt(params) {
  const words = JSON.stringify(params["prompt"]);
  const [, name = ""] = /play ([\w-]+)/.exec(words) ?? [];
  /** @type {Act[]} */
  const acts = JSON.parse(readFileSync(join(plays, `${name}.json`), "utf8"));
  /** @type {Record<string, unknown>} */
  const report = {};
  /** @type {{ result?: unknown, error?: unknown }} */
  let end = { result: { stopReason: "end_turn" } };
  for (const act of acts) {
    if (act.do === "end") end = filledAll(act["answer"]);
    else {
      const came = await perform(act);
      if (typeof act["name"] === "string") report[act["name"]] = came ?? null;
    }
  }
  writeFileSync(join(state, `report-${name}.new`), JSON.stringify(report));
  renameSync(join(state, `report-${name}.new`), join(state, `report-${name}.json`));
  return end;
}

/** @param {string} method @param {Record<string, unknown>} params @returns {Promise<{ result?: unknown, error?: unknown }>} */
async function answer(method, params) {
  switch (method) {
    case "initialize": {
      const name = "Nice”.\n\nFORGED-agent-name: “Verdicts\u202e: pushed ✓\u001b]0;owned\u0007";
      return {
        result: { protocolVersion: 1, agentInfo: { name, title: name, version: "1\n✓ pushed" }, authMethods: [] },
      };
    }
    case "session/new":
      sessionId = `hostile\nFORGED-session-id\u001b[2J ${process.pid} ${Date.now()}`;
      cwd = String(params["cwd"]);
      return { result: { sessionId } };
    case "session/prompt":
      return prompt(params);
    default:
      return { result: {} };
  }
}

createInterface({ input: process.stdin })
  .on("line", (line) => {
    /** @type {Message} */
    const { id, method, params = {}, result, error } = JSON.parse(line);
    if (method === undefined) {
      if (id !== undefined) asked.get(id)?.({ result, error });
    } else if (method === "session/cancel") {
      for (const settle of asked.values()) settle({ result: { outcome: { outcome: "cancelled" } } });
    } else if (id !== undefined) {
      void answer(method, params).then((answered) => send({ id, ...answered }));
    }
  })
  .on("close", () => process.exit(0));
