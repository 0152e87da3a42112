/** A port of 127.0.0.1 that nobody listens on, outside of the range that outgoing connections are given. */
import { isFree } from "../../src/launcher/port.ts";

const first = 20_000;
const count = 10_000;
const given = new Set<number>();

export async function freePort(): Promise<number> {
  for (;;) {
    const port = first + Math.floor(Math.random() * count);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}
