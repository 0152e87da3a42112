/**
 * A process that hosts a machine host, to be killed by a test. It takes requests as lines of JSON and answers each with one.
 * Its argument is the machine host's options as JSON.
 */
import { createInterface } from "node:readline";

import { createMachineHost, type MachineHostOptions } from "../machine-host.ts";

const options = JSON.parse(process.argv[2] ?? "{}") as MachineHostOptions;
const host = createMachineHost(options);
host.setControlUrl("http://127.0.0.1:8787");
await host.start();
console.log(JSON.stringify({ ready: true }));

for await (const line of createInterface({ input: process.stdin })) {
  const { method, path, body } = JSON.parse(line) as { method: string; path: string; body?: unknown };
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await host.handle(new Request(`http://machine-host${path}`, init));
  console.log(JSON.stringify({ status: response.status, body: await response.json() }));
}
await host.stop();
