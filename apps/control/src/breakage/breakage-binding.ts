/** What the control plane asks of the launcher, over the binding that nobody else gives. */
import type { UserId } from "@sam/domain/ids";
import { type BreakageView, type BreakOrder, type KeptBreakage, keptBreakageSchema } from "@sam/protocol/breakage-api";
import { z } from "zod";

import { ApiError } from "../api/problem-response.ts";
import type { Env } from "../env.ts";
import { within } from "../lifecycle/deadline.ts";

/** Whether this owner can break something here: only where a launcher gives the way, and on their own machine. */
export function canBreak(env: Env, ownerId: UserId): boolean {
  return env.PROVIDER === "local" && env.BREAKAGE !== undefined && ownerId === env.OWNER_ID;
}

const timeoutMs = 5_000;
const address = "http://launcher/breakages";

/** @returns what was broken on purpose since the launcher's start, newest first. */
export async function listKept(env: Env): Promise<readonly KeptBreakage[]> {
  const { body } = await exchange(env, {});
  return z.object({ breakages: z.array(keptBreakageSchema) }).parse(body).breakages;
}

/** @throws ApiError where something is broken already. */
export async function askToBreak(env: Env, order: BreakOrder): Promise<KeptBreakage> {
  const { status, body } = await exchange(env, { method: "POST", body: JSON.stringify(order) });
  if (status === 409) throw new ApiError("not_allowed_now", "Something is broken already. Wait until it is over.");
  return z.object({ breakage: keptBreakageSchema }).parse(body).breakage;
}

/** Gives what is decided of it to the launcher, which keeps it. */
export async function keepProofs(env: Env, { id, proofs }: Pick<BreakageView, "id" | "proofs">): Promise<void> {
  await exchange(env, { method: "PUT", body: JSON.stringify({ id, proofs }) });
}

async function exchange(env: Env, init: RequestInit): Promise<{ readonly status: number; readonly body: unknown }> {
  if (env.BREAKAGE === undefined) throw new ApiError("not_found", "Nothing can be broken here.");
  const answer = await within("the launcher", timeoutMs, env.BREAKAGE.fetch(address, init));
  return { status: answer.status, body: await within("the launcher", timeoutMs, answer.json()) };
}
