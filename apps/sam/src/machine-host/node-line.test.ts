/** A node's line carries what is said in both directions, breaks off when it is cut, and is there again by itself. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

import { expect, it, onTestFinished } from "vitest";

import { NodeLine } from "./node-line.ts";

/** Says everything back. */
async function echo(): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.pipe(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

async function dial(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

async function said(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [answer]: Buffer[] = await once(socket, "data");
  return String(answer);
}

it("breaks off what is open, turns away who dials meanwhile, and lets them through afterwards", async () => {
  const target = await echo();
  const line = new NodeLine(() => target);
  onTestFinished(() => line.close());
  const url = await line.listen();
  expect(await line.listen()).toBe(url);
  const socket = await dial(url);
  expect(await said(socket, "hello")).toBe("hello");

  const ended = once(socket, "close");
  const over = line.cut(150);
  await ended;
  const turnedAway = await dial(url);
  await once(turnedAway, "close");
  await over;
  expect(await said(await dial(url), "again")).toBe("again");
});

it("asks anew where the control plane is for each connection, and ends with its server", async () => {
  let target = "http://127.0.0.1:1";
  const line = new NodeLine(() => target);
  const url = await line.listen();
  await once(await dial(url), "close");
  target = await echo();
  const socket = await dial(url);
  expect(await said(socket, "hello")).toBe("hello");
  const ended = once(socket, "close");
  await line.close();
  await ended;
  await expect(dial(url)).rejects.toThrow("ECONNREFUSED");
});
