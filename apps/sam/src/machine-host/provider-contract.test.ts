/** The `local` adapter against the real machine host passes the contracts of all providers, in either isolation. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { createLocalProvider } from "@sam/providers/local";
import { describeProviderContract } from "@sam/providers/testing/provider-contract";
import { describeResourceContract } from "@sam/providers/testing/resource-contract";
import { z } from "zod";

import { TestBed } from "./testing/test-host.ts";

for (const isolation of ["auto", "plain"] as const) {
  describeProviderContract(`local, isolation ${isolation}`, async () => {
    const bed = new TestBed();
    const { host } = await bed.host({ isolation, maxServers: 3 });
    return {
      providerOver: (fetch, timeoutMs) => createLocalProvider({ fetcher: { fetch }, timeoutMs }),
      fetch: (request) => host.handle(request),
      machineType: "local",
      location: "this-machine",
      quota: 3,
      userData: "{}",
      resourceKinds: ["disk"],
      stop: () => bed.close(),
    };
  });
}

describeResourceContract("local", async () => {
  const bed = new TestBed();
  const options = { isolation: "plain", dataDir: bed.dataDir(), maxServers: 9 } as const;
  let host = await bed.host(options);
  let servers = 0;
  const serve = async (labels: Readonly<Record<string, string>>) => {
    servers += 1;
    return host.running(`server-${servers}`, { labels });
  };
  const provider = (fetch: (request: Request) => Promise<Response>) =>
    createLocalProvider({ fetcher: { fetch }, timeoutMs: 10_000 });
  return {
    provider: provider((request) => host.host.handle(request)),
    broken: provider(() => Promise.resolve(Response.json({ disks: "none" }))),
    kinds: ["disk"],
    serve: async (labels) => (await serve(labels)).id,
    leave: async (_kind, labels, holdsUnsavedWork) => {
      const server = await serve(labels);
      await host.stop();
      // As a newer version would have written it: this one does not boot it.
      const path = join(server.directory, "server.json");
      const record = z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(path, "utf8")));
      writeFileSync(path, JSON.stringify({ ...record, version: 2 }));
      if (holdsUnsavedWork) mkdirSync(join(server.disk, "workspaces/ws_standing"), { recursive: true });
      host = await bed.host(options);
      return server.id;
    },
    stop: () => bed.close(),
  };
});
