/**
 * A lock between processes of one machine: a local socket that only one of them can listen on. The kernel releases it
 * when its holder dies, however it dies, so a lock is never stale; whoever waits is told by the closing connection.
 */
import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";

import { root, SetupError } from "./node.mjs";

const WAIT_TIMEOUT_MS = 15 * 60_000;

/** @param {string} name @returns {string} the address of the socket */
function addressOf(name) {
  const key = `sam-${name}-${createHash("sha256").update(root).digest("hex").slice(0, 16)}`;
  if (process.platform === "linux") return `\0${key}`;
  return process.platform === "win32" ? `\\\\.\\pipe\\${key}` : `${tmpdir()}/${key}.sock`;
}

/** @param {string} address @returns {Promise<import("node:net").Server | undefined>} undefined: somebody holds it */
function listen(address) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (/** @type {NodeJS.ErrnoException} */ error) => {
      if (error.code === "EADDRINUSE") resolve(undefined);
      else reject(error);
    });
    server.listen(address, () => resolve(server));
  });
}

/** Resolves when the holder is gone. @param {string} address @param {number} deadlineMs @returns {Promise<void>} */
function waitForRelease(address, deadlineMs) {
  return new Promise((resolve, reject) => {
    const socket = connect(address);
    const timer = setTimeout(() => {
      socket.destroy(new SetupError("Another command has held this lock for 15 minutes. End it, then try again."));
    }, deadlineMs - Date.now());
    socket.resume();
    socket.once("error", (/** @type {NodeJS.ErrnoException} */ error) => {
      if (error instanceof SetupError) return reject(error);
      // A socket's file can outlive its holder where sockets are files.
      if (error.code === "ECONNREFUSED" && !address.startsWith("\0")) rmSync(address, { force: true });
    });
    socket.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/**
 * Runs `body` while no other process of this checkout runs under the same name.
 * @template T
 * @param {string} name
 * @param {{ onWait?: () => void, timeoutMs?: number }} options `onWait` is called once, before the first wait
 * @param {() => Promise<T>} body
 * @returns {Promise<T>}
 */
export async function withLock(name, options, body) {
  const address = addressOf(name);
  const deadlineMs = Date.now() + (options.timeoutMs ?? WAIT_TIMEOUT_MS);
  let server = await listen(address);
  if (server === undefined) options.onWait?.();
  while (server === undefined) {
    await waitForRelease(address, deadlineMs);
    server = await listen(address);
  }
  /** @type {Set<import("node:net").Socket>} */
  const waiting = new Set();
  server.on("connection", (socket) => {
    waiting.add(socket);
    socket.on("error", () => waiting.delete(socket));
  });
  try {
    return await body();
  } finally {
    const closed = new Promise((resolve) => {
      server.close(resolve);
    });
    for (const socket of waiting) socket.destroy();
    await closed;
  }
}
