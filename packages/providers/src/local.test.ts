/** The `local` adapter's own translation; what it promises as a provider is in the contract suite. */
import { describe, expect, it } from "vitest";

import { createLocalProvider } from "./local.ts";
import { ProviderError } from "./provider-error.ts";
import type { Provider } from "./provider.ts";

const server = {
  id: "srv_1",
  name: "sam-1",
  status: "running",
  labels: {},
  machineType: "local",
  location: "this-machine",
  createdAt: "2026-01-02T03:04:05.000Z",
};

function answering(answer: (request: Request) => Response): { provider: Provider; seen: Request[] } {
  const seen: Request[] = [];
  const fetch = (request: Request): Promise<Response> => {
    seen.push(request);
    return Promise.resolve(answer(request));
  };
  return { provider: createLocalProvider({ fetcher: { fetch }, timeoutMs: 1_000 }), seen };
}

async function errorOf(call: Promise<unknown>): Promise<ProviderError> {
  const outcome = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof ProviderError) return outcome;
  throw new Error(`expected a ProviderError, got ${String(outcome)}`);
}

describe("the local adapter", () => {
  it.each([
    [403, "resource_limit_exceeded", "quota_exceeded"],
    [403, "forbidden", "unauthorized"],
    [401, "unauthorized", "unauthorized"],
    [409, "uniqueness_error", "name_taken"],
    [422, "invalid_input", "invalid_input"],
    [429, "rate_limit_exceeded", "rate_limited"],
    [503, "resource_unavailable", "capacity"],
    [503, "service_unavailable", "unavailable"],
    [500, "internal_error", "unavailable"],
    [404, "some_other_code", "unavailable"],
  ])("tells a %i with %s to be %s, whatever its text says", async (status, code, expected) => {
    const { provider } = answering(() => Response.json({ error: { code, message: "quota timeout 404" } }, { status }));
    const error = await errorOf(provider.catalog());
    expect(error).toMatchObject({ code: expected, status, message: "quota timeout 404" });
  });

  it("keeps the field that was refused", async () => {
    const body = { error: { code: "invalid_input", message: "name: too long", field: "name" } };
    const { provider } = answering(() => Response.json(body, { status: 422 }));
    expect((await errorOf(provider.catalog())).field).toBe("name");
  });

  it("shows a status that it does not know as unknown, and keeps the word", async () => {
    const { provider } = answering(() => Response.json({ server: { ...server, status: "migrating" } }));
    expect(await provider.getServer("srv_1")).toMatchObject({ status: "unknown", providerStatus: "migrating" });
  });

  it("reads instants as milliseconds", async () => {
    const { provider } = answering(() => Response.json({ server }));
    expect((await provider.getServer("srv_1"))?.createdAt).toBe(Date.UTC(2026, 0, 2, 3, 4, 5));
  });

  it("follows the pages of a listing to the end", async () => {
    const { provider, seen } = answering((request) => {
      const page = Number(new URL(request.url).searchParams.get("page"));
      const servers = [{ ...server, id: `srv_${page}` }];
      return Response.json({ servers, meta: { pagination: { nextPage: page < 3 ? page + 1 : null } } });
    });
    const listed = await provider.listServers({ labels: { "sam-installation": "a", "sam-node": "b" } });
    expect(listed.map((entry) => entry.id)).toEqual(["srv_1", "srv_2", "srv_3"]);
    for (const request of seen) {
      expect(new URL(request.url).searchParams.get("labelSelector")).toBe("sam-installation=a,sam-node=b");
    }
  });

  it("gives up on a listing that has no end", async () => {
    const { provider } = answering(() => Response.json({ servers: [], meta: { pagination: { nextPage: 1 } } }));
    expect((await errorOf(provider.listServers({ labels: {} }))).code).toBe("unavailable");
  });

  it("escapes an id, so that it cannot name another path", async () => {
    const { provider, seen } = answering(() =>
      Response.json({ error: { code: "not_found", message: "" } }, { status: 404 }),
    );
    expect(await provider.destroyServer("../servers?x")).toBe("gone");
    expect(new URL(seen[0]?.url ?? "").pathname).toBe("/v1/servers/..%2Fservers%3Fx");
  });
});
