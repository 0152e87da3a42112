/** An owner of their own with a client, in an emptied database: for what needs no task, no node and no clock. */
import { makeId, type UserId } from "@sam/domain/ids";
import { ulid } from "ulid";

import { Client, prepareDatabase, tokenFor } from "./world.ts";

export interface Owner {
  readonly ownerId: UserId;
  readonly client: Client;
}

export async function newOwner(): Promise<Owner> {
  const ownerId = makeId("user", ulid());
  return { ownerId, client: new Client(await tokenFor(ownerId)) };
}

/** The first one, in an empty world. */
export async function onlyOwner(): Promise<Owner> {
  await prepareDatabase();
  return newOwner();
}

export function sendJson(client: Client, method: string, path: string, body: unknown): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return client.fetch(path, { method, headers, body: JSON.stringify(body) });
}
