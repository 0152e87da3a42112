/** The browsers that are told when something awaits their owner, and the receipts of what they were told. */
import { notificationsSchema, pushReceiptSchema, subscriptionSchema, type Subscribe } from "@sam/protocol/push-api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { z } from "zod";

import { apiPath } from "../path-builder.ts";
import { ask } from "./client.ts";
import { listPollMs } from "./query-client.ts";

const key = ["notifications"] as const;
const oneSubscription = z.object({ subscription: subscriptionSchema });
const oneReceipt = z.object({ receipt: pushReceiptSchema });

export function useNotifications() {
  return useQuery({
    queryKey: key,
    queryFn: ({ signal }) => ask({ path: apiPath.notifications, answer: notificationsSchema, signal }),
    refetchInterval: listPollMs,
  });
}

export async function sendSubscription(body: Subscribe) {
  return (await ask({ method: "POST", path: apiPath.subscriptions, body, answer: oneSubscription })).subscription;
}

export function removeSubscription(subscriptionId: string) {
  return ask({ method: "DELETE", path: apiPath.subscription(subscriptionId), answer: z.unknown() });
}

async function testSubscription(subscriptionId: string) {
  return (await ask({ method: "POST", path: apiPath.testSubscription(subscriptionId), body: {}, answer: oneReceipt }))
    .receipt;
}

/** Whatever changes the list asks for it anew. */
function useChange<Input, Output>(send: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: send, onSettled: () => client.invalidateQueries({ queryKey: key }) });
}

export function useSubscribe(subscribe: () => Promise<unknown>) {
  return useChange<void, unknown>(subscribe);
}

export function useRemoveSubscription() {
  return useChange((subscriptionId: string) => removeSubscription(subscriptionId));
}

export function useTestSubscription() {
  return useChange((subscriptionId: string) => testSubscription(subscriptionId));
}
