/** A browser that is signed in, and how one is refused. */
import { signInLinkSchema } from "@sam/protocol/session-api";
import { expect } from "vitest";

import { Browser } from "./browser.ts";
import { onlyOwner } from "./own-client.ts";
import { problemOf } from "./problem.ts";
import type { Client } from "./world.ts";

/** An id of the right shape that is no task's. */
export const noTask = "task_00000000000000000000000000";

/** @returns the token of a new link. */
export async function linkOf(client: Client): Promise<string> {
  const response = await client.post("/api/sign-in-links");
  expect(response.status).toBe(201);
  return signInLinkSchema.parse(await response.json()).token;
}

export async function signedIn(): Promise<{ client: Client; ownerId: string; browser: Browser }> {
  const { client, ownerId } = await onlyOwner();
  const browser = new Browser();
  expect((await browser.signIn(await linkOf(client))).status).toBe(200);
  return { client, ownerId, browser };
}

/** @returns what the refusal says. */
export async function expectRefusal(response: Response, status: number, code: string): Promise<string> {
  expect(response.status).toBe(status);
  const problem = await problemOf(response);
  expect(problem.code).toBe(code);
  return problem.detail;
}
