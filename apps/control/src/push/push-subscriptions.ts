/** The browsers that an owner has subscribed. One that has expired is removed; one that is not reached says since when. */
import type { UserId } from "@sam/domain/ids";
import type { PushReceipt, Subscribe, SubscriptionView } from "@sam/protocol/push-api";
import { and, asc, count, eq, isNull, ne, sql } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import { ulid } from "ulid";

import { withinD1 } from "../api/d1-deadline.ts";
import { ApiError } from "../api/problem-response.ts";
import { builtOnce, given } from "../database/built-once.ts";
import type { PushOutcome } from "./push-service.ts";
import { pushSubscriptionsTable } from "./push-tables.ts";

/** Each gets every push. */
const maxSubscriptions = 20;

export type SubscriptionRow = typeof pushSubscriptionsTable.$inferSelect;

const { ownerId: owner, subscriptionId: idOf, endpoint: endpointOf, createdAt, failingSince } = pushSubscriptionsTable;

const ofOwner = builtOnce((database) =>
  database
    .select()
    .from(pushSubscriptionsTable)
    .where(eq(owner, given("ownerId")))
    .orderBy(asc(createdAt), asc(idOf))
    .prepare(),
);

export function subscriptionsOf(database: DrizzleD1Database, ownerId: UserId): Promise<SubscriptionRow[]> {
  return withinD1(ofOwner(database).all({ ownerId }));
}

/** Subscribed again it is the same browser; signed in as somebody else, it is theirs from then on. */
export async function subscribe(
  database: DrizzleD1Database,
  ownerId: UserId,
  { endpoint, keys, browser }: Subscribe,
  now: number,
): Promise<SubscriptionRow> {
  const others = and(eq(owner, ownerId), ne(endpointOf, endpoint));
  const [taken] = await withinD1(database.select({ n: count() }).from(pushSubscriptionsTable).where(others));
  if ((taken?.n ?? 0) >= maxSubscriptions) {
    throw new ApiError("conflict", `You have ${maxSubscriptions} browsers already: remove one of them first.`);
  }
  const subscriptionId = `push_${ulid()}`;
  const told = { ownerId, ...keys, browser, failingSince: null, problem: null };
  const [row] = await withinD1(
    database
      .insert(pushSubscriptionsTable)
      .values({ subscriptionId, endpoint, createdAt: now, ...told })
      .onConflictDoUpdate({ target: endpointOf, set: told })
      .returning(),
  );
  if (row === undefined) throw new Error("the subscription was not stored");
  return row;
}

/** @returns whether this owner had it. */
export async function unsubscribe(
  database: DrizzleD1Database,
  ownerId: UserId,
  subscriptionId: string,
): Promise<boolean> {
  const own = and(eq(owner, ownerId), eq(idOf, subscriptionId));
  const result = await withinD1(database.delete(pushSubscriptionsTable).where(own).run());
  return result.meta.changes > 0;
}

/** What a push says of its browser: reached again, gone for good, or not reached since. */
export async function noteOutcome(
  database: DrizzleD1Database,
  { subscriptionId }: SubscriptionRow,
  { kind, problem }: PushOutcome,
  now: number,
): Promise<void> {
  const own = eq(idOf, subscriptionId);
  if (kind === "gone") {
    await withinD1(database.delete(pushSubscriptionsTable).where(own).run());
  } else if (kind === "taken") {
    const isFailing = and(own, sql`${failingSince} is not null`);
    const well = { failingSince: null, problem: null };
    await withinD1(database.update(pushSubscriptionsTable).set(well).where(isFailing).run());
  } else {
    const since = and(own, isNull(failingSince));
    await withinD1(
      database.batch([
        database.update(pushSubscriptionsTable).set({ problem }).where(own),
        database.update(pushSubscriptionsTable).set({ failingSince: now }).where(since),
      ]),
    );
  }
}

export function viewOf(row: SubscriptionRow, last: PushReceipt | null): SubscriptionView {
  const { subscriptionId, browser, endpoint, createdAt: at, failingSince: since, problem } = row;
  const service = new URL(endpoint).host;
  return { subscriptionId, browser, service, createdAt: at, failingSince: since, problem, last };
}
