/**
 * Secrets, as whoever should not see one meets them: not in an answer, not in a problem, not in the database; and as their
 * owner meets them through a rotation, in which no moment finds one that cannot be read.
 */
import type { UserId } from "@sam/domain/ids";
import { secretListSchema, secretRotationSchema, type SecretRotation, type SecretView } from "@sam/protocol/secret-api";
import { env } from "cloudflare:workers";
import { drizzle } from "drizzle-orm/d1";
import { afterEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";

import { findKeyRing } from "../src/secret/secret-keys.ts";
import { openSecrets } from "../src/secret/secret-store.ts";
import { onlyOwner, newOwner, sendJson, type Owner } from "./support/own-client.ts";
import { problemOf } from "./support/problem.ts";
import type { Client } from "./support/world.ts";

const value = "sk-very-secret-value";
const given = env.SECRETS_KEYS;

const key = (id: string, fill: number) => ({ id, key: btoa(String.fromCharCode(...new Uint8Array(32).fill(fill))) });
const first = key("first", 1);
const second = key("second", 2);

afterEach(() => {
  Object.assign(env, { SECRETS_KEYS: given });
});

function setKeys(...keys: readonly unknown[]): void {
  Object.assign(env, { SECRETS_KEYS: JSON.stringify(keys) });
}

const put = (client: Client, name: string, text: unknown = value) =>
  sendJson(client, "PUT", `/api/secrets/${name}`, { value: text });

async function set(client: Client, name: string, text = value): Promise<void> {
  expect((await put(client, name, text)).status).toBe(200);
}

async function list(client: Client): Promise<SecretView[]> {
  return secretListSchema.parse(await (await client.fetch("/api/secrets")).json()).secrets;
}

async function rotate(client: Client): Promise<SecretRotation> {
  const response = await client.post("/api/secrets/rotate");
  expect(response.status).toBe(200);
  return secretRotationSchema.parse(await response.json());
}

/** What the owner's agents would be given. */
async function valuesOf(ownerId: UserId): Promise<Record<string, string>> {
  const { values, unreadable } = await openSecrets(drizzle(env.DB), await findKeyRing(env), ownerId);
  expect(unreadable).toEqual([]);
  return Object.fromEntries(values);
}

const rowSchema = z.object({ owner_id: z.string(), name: z.string(), ciphertext: z.string(), key_id: z.string() });
async function rows() {
  return z
    .array(rowSchema)
    .parse((await env.DB.prepare("SELECT * FROM secrets ORDER BY owner_id, name").all()).results);
}

describe("a secret that cannot be set", () => {
  it.each([
    ["a name in small letters", "openai_api_key", { value }, "name"],
    ["a name that begins with a digit", "1KEY", { value }, "name"],
    ["a name that is too long", "K".repeat(128), { value }, "name"],
    ["a variable of SAM's", "SAM_DATA_DIR", { value }, "name"],
    ["the path of programs", "PATH", { value }, "name"],
    ["what loads a library", "LD_PRELOAD", { value }, "name"],
    ["what git runs", "GIT_SSH_COMMAND", { value }, "name"],
    ["no value", "OPENAI_API_KEY", {}, "value"],
    ["an empty value", "OPENAI_API_KEY", { value: "" }, "value"],
    ["a value that is no text", "OPENAI_API_KEY", { value: [value] }, "value"],
    ["a value over 32 KB", "OPENAI_API_KEY", { value: `${value}${"€".repeat(11_000)}` }, "value"],
    ["a value with a NUL", "OPENAI_API_KEY", { value: `${value}\0` }, "value"],
  ])("%s: 422 that names the field and holds no value, and nothing is stored", async (_what, name, body, field) => {
    const { client } = await onlyOwner();
    const response = await sendJson(client, "PUT", `/api/secrets/${name}`, body);
    expect(response.status).toBe(422);
    const problem = await problemOf(response);
    expect(problem.errors?.map((error) => error.field)).toEqual([field]);
    expect(JSON.stringify(problem)).not.toContain("very-secret");
    expect(await rows()).toEqual([]);
  });

  it("a body that is not JSON: its text is not repeated", async () => {
    const { client } = await onlyOwner();
    const headers = { "content-type": "application/json" };
    const response = await client.fetch("/api/secrets/OPENAI_API_KEY", { method: "PUT", headers, body: `{${value}` });
    expect(response.status).toBe(422);
    expect(JSON.stringify(await problemOf(response))).not.toContain("very-secret");
  });

  it("one more than a hundred: 422; a known one is still replaced", async () => {
    const { client } = await onlyOwner();
    for (let number = 0; number < 100; number += 1) await set(client, `KEY_${number}`);
    expect((await problemOf(await put(client, "KEY_100"))).detail).toContain("100 secrets");
    await set(client, "KEY_99", "another");
    expect(await list(client)).toHaveLength(100);
  });

  it("no key in the installation: unavailable, naming what to set; the list and the deletion go on", async () => {
    const { client } = await onlyOwner();
    await set(client, "OPENAI_API_KEY");
    Object.assign(env, { SECRETS_KEYS: "" });
    for (const response of [await put(client, "OTHER"), await client.post("/api/secrets/rotate")]) {
      expect(response.status).toBe(503);
      const problem = await problemOf(response);
      expect(problem).toMatchObject({ code: "unavailable", detail: expect.stringContaining("SECRETS_KEYS") });
      expect(JSON.stringify(problem)).not.toContain("very-secret");
    }
    expect(await list(client)).toHaveLength(1);
    expect((await client.fetch("/api/secrets/OPENAI_API_KEY", { method: "DELETE" })).status).toBe(204);
  });
});

describe("keys that cannot be used", () => {
  const short = btoa("too short");
  it.each([
    ["not JSON", `[{"id":"a","key":"${first.key}"`, "SECRETS_KEYS"],
    ["no list", JSON.stringify(first), "SECRETS_KEYS"],
    ["none", "[]", "SECRETS_KEYS"],
    ["an id that is none", JSON.stringify([{ ...first, id: "a b" }]), "SECRETS_KEYS.0.id"],
    ["a key of another length", JSON.stringify([{ id: "a", key: short }]), "SECRETS_KEYS.0.key"],
    ["a key that is not base64", JSON.stringify([{ id: "a", key: "§§" }]), "SECRETS_KEYS.0.key"],
    ["one id twice", JSON.stringify([first, { ...second, id: "first" }]), "SECRETS_KEYS"],
  ])("%s: every request says which field, and nothing of a key, not even in the log", async (_what, text, field) => {
    const { client } = await onlyOwner();
    const log = vi.spyOn(console, "error");
    Object.assign(env, { SECRETS_KEYS: text });
    const response = await client.fetch("/api/secrets");
    expect(response.status).toBe(500);
    const { detail } = await problemOf(response);
    expect(detail).toMatch(new RegExp(`^${field.replaceAll(".", "\\.")}: `));
    const said = JSON.stringify([detail, log.mock.calls]);
    expect(said).not.toContain(first.key.slice(0, 8));
    expect(said).not.toContain(short);
    log.mockRestore();
  });
});

describe("a secret that is set", () => {
  it("is never shown: not by its list, not by its setting, not by any other route", async () => {
    const { client } = await onlyOwner();
    const answer = await put(client, "OPENAI_API_KEY");
    expect(await answer.json()).toEqual({
      secret: {
        name: "OPENAI_API_KEY",
        createdAt: expect.any(Number),
        updatedAt: expect.any(Number),
        keyOf: ["codex", "opencode", "qwen"],
      },
    });
    await set(client, "MY_TOKEN");
    expect((await list(client)).map(({ name, keyOf }) => [name, keyOf.length])).toEqual([
      ["MY_TOKEN", 0],
      ["OPENAI_API_KEY", 3],
    ]);
    for (const path of ["/api/secrets", "/api/agents", "/api/system", "/api/projects"]) {
      expect(await (await client.fetch(path)).text()).not.toContain("very-secret");
    }
    expect((await client.fetch("/api/secrets/MY_TOKEN")).status).toBe(404);
  });

  it("is not in the database in any form that can be read, and never encrypted twice to the same text", async () => {
    const { client, ownerId } = await onlyOwner();
    await set(client, "ONE");
    await set(client, "TWO");
    const stored = JSON.stringify(await rows());
    expect(stored).not.toContain(value);
    expect(stored).not.toContain(btoa(value));
    const [one, two] = await rows();
    expect(one?.ciphertext).not.toBe(two?.ciphertext);
    expect(await valuesOf(ownerId)).toEqual({ ONE: value, TWO: value });
  });

  it("keeps every character that it was set with", async () => {
    const { client, ownerId } = await onlyOwner();
    const odd = '\ufeff line\nline\r\n\t"quoted" €😀 ';
    await set(client, "ODD", odd);
    await set(client, "LONG", "x".repeat(32_768));
    expect(await valuesOf(ownerId)).toEqual({ ODD: odd, LONG: "x".repeat(32_768) });
  });

  it("is replaced by a later value, and keeps the time at which it was made", async () => {
    const { client, ownerId } = await onlyOwner();
    await set(client, "ONE");
    const [before] = await list(client);
    await set(client, "ONE", "another");
    const [after] = await list(client);
    expect(after?.createdAt).toBe(before?.createdAt);
    expect(after?.updatedAt).toBeGreaterThanOrEqual(before?.updatedAt ?? Number.MAX_VALUE);
    expect(await valuesOf(ownerId)).toEqual({ ONE: "another" });
  });

  it("is deleted once; what isn't there is not found", async () => {
    const { client } = await onlyOwner();
    await set(client, "ONE");
    expect((await client.fetch("/api/secrets/ONE", { method: "DELETE" })).status).toBe(204);
    expect((await client.fetch("/api/secrets/ONE", { method: "DELETE" })).status).toBe(404);
    expect(await list(client)).toEqual([]);
    expect(await rows()).toEqual([]);
  });

  it("of another owner is neither listed, nor replaced, nor deleted", async () => {
    const { client, ownerId } = await onlyOwner();
    await set(client, "ONE");
    const other = await newOwner();
    expect(await list(other.client)).toEqual([]);
    expect((await other.client.fetch("/api/secrets/ONE", { method: "DELETE" })).status).toBe(404);
    await set(other.client, "ONE", "theirs");
    expect(await valuesOf(ownerId)).toEqual({ ONE: value });
    expect(await valuesOf(other.ownerId)).toEqual({ ONE: "theirs" });
  });
});

describe("a row that was tampered with", () => {
  const change = (sql: string, ...bindings: unknown[]) =>
    env.DB.prepare(sql)
      .bind(...bindings)
      .run();
  it.each([
    ["moved to another owner", (_one: Owner, other: Owner) => change("UPDATE secrets SET owner_id = ?", other.ownerId)],
    ["moved to another name", () => change("UPDATE secrets SET name = 'OTHER'")],
    [
      "changed by a character",
      () => change("UPDATE secrets SET ciphertext = iif(ciphertext LIKE 'A%', 'B', 'A') || substr(ciphertext, 2)"),
    ],
    ["given other random bits", () => change("UPDATE secrets SET iv = 'AAAAAAAAAAAAAAAA'")],
    ["given the id of another key", () => change("UPDATE secrets SET key_id = 'second'")],
    ["given the id of no key", () => change("UPDATE secrets SET key_id = 'third'")],
    ["not even base64", () => change("UPDATE secrets SET ciphertext = '§'")],
  ])("%s: opens nothing", async (_what, tamper) => {
    setKeys(first, second);
    const one = await onlyOwner();
    const other = await newOwner();
    await set(one.client, "ONE");
    await tamper(one, other);
    for (const { ownerId } of [one, other]) {
      const { values } = await openSecrets(drizzle(env.DB), await findKeyRing(env), ownerId);
      expect([...values]).toEqual([]);
    }
  });
});

describe("a rotation", () => {
  it("before it both keys read; after it the newest alone; called again it changes nothing", async () => {
    const one = await onlyOwner();
    const other = await newOwner();
    await set(one.client, "ONE");
    await set(other.client, "TWO", "theirs");
    const [before] = await list(one.client);
    setKeys(second, first);
    await set(one.client, "NEW", "set between");
    expect(await valuesOf(one.ownerId)).toEqual({ NEW: "set between", ONE: value });

    expect(await rotate(one.client)).toEqual({ keyId: "second", rotated: 2, remaining: 0, unreadable: 0 });
    const rotated = await rows();
    expect(new Set(rotated.map(({ key_id }) => key_id))).toEqual(new Set(["second"]));
    expect(await rotate(one.client)).toEqual({ keyId: "second", rotated: 0, remaining: 0, unreadable: 0 });
    expect(await rows()).toEqual(rotated);

    setKeys(second);
    expect(await valuesOf(one.ownerId)).toEqual({ NEW: "set between", ONE: value });
    expect(await valuesOf(other.ownerId)).toEqual({ TWO: "theirs" });
    expect((await list(one.client)).find(({ name }) => name === "ONE")).toEqual(before);
  });

  it("goes through more than a batch, passes over what no key opens, and says how many that are", async () => {
    const { client, ownerId } = await onlyOwner();
    for (let number = 0; number < 100; number += 1) await set(client, `KEY_${number}`, `value ${number}`);
    await env.DB.prepare("UPDATE secrets SET key_id = 'lost' WHERE name IN ('KEY_0', 'KEY_50')").run();
    setKeys(second, first);
    expect(await rotate(client)).toEqual({ keyId: "second", rotated: 98, remaining: 2, unreadable: 2 });
    const { values, unreadable } = await openSecrets(drizzle(env.DB), await findKeyRing(env), ownerId);
    expect(unreadable).toEqual(["KEY_0", "KEY_50"]);
    expect(values.get("KEY_99")).toBe("value 99");
    // What was lost can be set again.
    await set(client, "KEY_0", "anew");
    expect(await rotate(client)).toMatchObject({ rotated: 0, remaining: 1, unreadable: 1 });
  });

  it("two at once, and a value that is set meanwhile: the newest value stands", async () => {
    const { client, ownerId } = await onlyOwner();
    for (let number = 0; number < 20; number += 1) await set(client, `KEY_${number}`, "old");
    setKeys(second, first);
    const [one, other] = await Promise.all([
      rotate(client),
      rotate(client),
      ...Array.from({ length: 20 }, (_, number) => set(client, `KEY_${number}`, "new")),
    ]);
    expect(one.remaining + other.remaining).toBe(0);
    expect(Object.values(await valuesOf(ownerId)).every((text) => text === "new")).toBe(true);
    setKeys(second);
    expect(Object.keys(await valuesOf(ownerId))).toHaveLength(20);
  });
});
