/**
 * The arrival order of messages is the order in which the client sent them. The SDK hands messages to their handlers side
 * by side, so a prompt can overtake a cancel that was sent before it. Each prompt and each cancel is therefore stamped on
 * arrival, and a cancel counts for the prompts that came before it, and for no other.
 */
import type { AnyMessage, Stream } from "@agentclientprotocol/sdk";
import * as z from "zod";

const ARRIVAL_META = "sam.dev/runbook-arrival";
const STAMPED_METHODS: ReadonlySet<string> = new Set(["session/prompt", "session/cancel"]);

const stampable = z.looseObject({ _meta: z.looseObject({}).nullish() });
const stamped = z.looseObject({ [ARRIVAL_META]: z.number() });

/** Passes messages on; what the client itself wrote in the stamp's place is overwritten. */
export function stampArrivals(stream: Stream): Stream {
  let arrivals = 0;
  const stamping = new TransformStream<AnyMessage, AnyMessage>({
    transform(message, controller) {
      arrivals += 1;
      controller.enqueue(stamp(message, arrivals));
    },
  });
  return { writable: stream.writable, readable: stream.readable.pipeThrough(stamping) };
}

/** The stamp of a message, from its `_meta`; the first message is 1. */
export function arrivalOf(meta: unknown): number {
  return stamped.parse(meta)[ARRIVAL_META];
}

function stamp(message: AnyMessage, arrival: number): AnyMessage {
  if (!("method" in message) || !STAMPED_METHODS.has(message.method)) {
    return message;
  }
  // What has another shape is refused by its handler, with the field that is wrong.
  const params = stampable.safeParse(message.params);
  return params.success
    ? { ...message, params: { ...params.data, _meta: { ...params.data._meta, [ARRIVAL_META]: arrival } } }
    : message;
}
