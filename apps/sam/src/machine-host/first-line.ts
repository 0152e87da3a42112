/** The first line of a connection is the request; what follows it stays in the connection, unread. */
import type { Socket } from "node:net";

import { LineReader } from "./relay-protocol.ts";

/** @returns null where the connection ends before a line does. Of an over-long line nothing is kept: it is empty. */
export async function readFirstLine(connection: Socket): Promise<string | null> {
  const reader = new LineReader();
  for (;;) {
    const chunk: unknown = connection.read();
    if (Buffer.isBuffer(chunk)) {
      const read = reader.push(chunk);
      if (read === null) continue;
      if (read === "tooLong") return "";
      if (read.rest.length > 0) connection.unshift(read.rest);
      return read.line;
    }
    if (connection.destroyed || connection.readableEnded) return null;
    await either(connection, "readable", "close");
  }
}

/** Waits for one of two events, and leaves no listener of the other behind. */
export function either(connection: Socket, first: string, second: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = (): void => {
    connection.off(first, done);
    connection.off(second, done);
    resolve();
  };
  connection.on(first, done);
  connection.on(second, done);
  return promise;
}
