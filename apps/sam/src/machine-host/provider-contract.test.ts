/** The `local` adapter against the real machine host passes the contract of all providers, in either isolation. */
import { createLocalProvider } from "@sam/providers/local";
import { describeProviderContract } from "@sam/providers/testing/provider-contract";

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
      stop: () => bed.close(),
    };
  });
}
