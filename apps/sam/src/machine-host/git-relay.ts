/**
 * `git-relay` stands in for ssh inside a server: git runs it for `ssh://sam-local/<absolute path>`, and it takes git's
 * conversation to the machine host, which runs the other half where the repository is.
 *
 *   GIT_SSH_COMMAND="node git-relay.mjs" GIT_SSH_VARIANT=simple git fetch ssh://sam-local/home/me/project
 *   node git-relay.mjs --probe /home/me/project     prints {"status":"ok"} or why not, and ends with 0 either way
 *
 * It exits with git's own code; 255, as ssh does, where the conversation could not take place.
 */
import { connect, type Socket } from "node:net";
import { basename, dirname } from "node:path";

import {
  type Frame,
  FrameReader,
  frameTypes,
  LineReader,
  type RelayAnswer,
  type RelayService,
  relayServices,
  relayStatuses,
} from "./relay-protocol.ts";

const failed = 255;
const statusTimeoutMs = 30_000;
const localHost = "sam-local";

interface Invocation {
  readonly service: RelayService;
  readonly path: string;
}

/** What git passes: options, the host, and a command line with the path in single quotes. */
export function parseInvocation(args: readonly string[]): Invocation | string {
  if (args[0] === "--probe")
    return args[1] === undefined ? "--probe needs a path" : { service: "probe", path: args[1] };
  let rest = args;
  while (rest[0]?.startsWith("-")) rest = rest.slice(/^-[opilF]$/.test(rest[0]) ? 2 : 1);
  const [host, command = ""] = rest;
  if (host !== localHost) return `only ${localHost} can be reached this way, not ${host ?? "no host"}`;
  const [, name, quoted] = /^git[ -]([a-z-]+) (.*)$/s.exec(command) ?? [];
  const service = relayServices.find((candidate) => candidate === `git-${name ?? ""}`);
  if (service === undefined || quoted === undefined) return `${command.split(" ")[0] ?? ""} is not served here`;
  return { service, path: unquote(quoted) };
}

/** Undoes git's quoting for a shell: everything in single quotes, and `'\''` or `'\!'` for what can't be. */
function unquote(text: string): string {
  return text.replaceAll(/'([^']*)'|\\(.)/g, (_all, quoted?: string, escaped?: string) => quoted ?? escaped ?? "");
}

async function main(): Promise<number> {
  const invocation = parseInvocation(process.argv.slice(2));
  if (typeof invocation === "string") return complain(invocation);
  const { service, path } = invocation;
  const socketPath = process.env["SAM_RELAY_SOCKET"];
  if (socketPath === undefined) return complain("SAM_RELAY_SOCKET is not set: this is not a server of a machine host");
  // A socket's path may have 107 bytes, and this one may have more; a relative one is short.
  process.chdir(dirname(socketPath));
  const socket = connect({ path: `./${basename(socketPath)}`, allowHalfOpen: true });
  const wait = setTimeout(() => socket.destroy(new Error(`no answer in ${statusTimeoutMs} ms`)), statusTimeoutMs);
  const asked = process.env["GIT_PROTOCOL"] ?? (service === "git-upload-pack" ? "version=2" : null);
  socket.write(`${JSON.stringify({ service, path, gitProtocol: asked })}\n`);
  const chunks: AsyncIterator<Buffer> = socket[Symbol.asyncIterator]();
  const { answer, rest } = await readAnswer(chunks);
  clearTimeout(wait);
  if (service === "probe") {
    await print(process.stdout, `${JSON.stringify(answer)}\n`);
    socket.destroy();
    return 0;
  }
  if (answer.status !== "ok") return complain(`${answer.status}: ${answer.message}`);
  process.stdin.pipe(socket);
  return converse(socket, chunks, rest);
}

async function readAnswer(chunks: AsyncIterator<Buffer>): Promise<{ answer: RelayAnswer; rest: Buffer }> {
  const reader = new LineReader();
  for (;;) {
    const next = await chunks.next();
    if (next.done === true) throw new Error("the machine host closed the connection");
    const read = reader.push(next.value);
    if (read === "tooLong") throw new Error("the machine host's answer is not of the relay protocol");
    if (read !== null) return { answer: parseAnswer(read.line), rest: read.rest };
  }
}

function parseAnswer(line: string): RelayAnswer {
  const json: unknown = JSON.parse(line);
  const said = typeof json === "object" && json !== null && "status" in json ? json.status : null;
  const status = [...relayStatuses, "bad_request" as const].find((known) => known === said);
  if (status === undefined) throw new Error("the machine host's answer is not of the relay protocol");
  const message = typeof json === "object" && json !== null && "message" in json ? String(json.message) : "";
  return { status, message };
}

async function converse(socket: Socket, chunks: AsyncIterator<Buffer>, rest: Buffer): Promise<number> {
  const reader = new FrameReader();
  let frames = reader.push(rest);
  for (;;) {
    for (const frame of frames) {
      if (frame.type === frameTypes.exit) {
        socket.destroy();
        return frame.payload.readInt32BE(0);
      }
      await pass(frame);
    }
    const next = await chunks.next();
    if (next.done === true) return complain("the machine host closed the connection in the middle");
    frames = reader.push(next.value);
  }
}

function pass(frame: Frame): Promise<void> {
  return print(frame.type === frameTypes.output ? process.stdout : process.stderr, frame.payload);
}

async function complain(what: string): Promise<number> {
  await print(process.stderr, `sam git relay: ${what}\n`);
  return failed;
}

/** Resolves when the bytes have left this process: what is only buffered would be lost at its exit. */
function print(stream: NodeJS.WriteStream, data: string | Buffer): Promise<void> {
  return new Promise((resolve) => {
    stream.write(data, () => resolve());
  });
}

if (import.meta.main) {
  // Git went away: so does its relay.
  process.stdout.on("error", () => process.exit(failed));
  const code = await main().catch((error: unknown) => complain(error instanceof Error ? error.message : String(error)));
  process.exit(code);
}
