/**
 * A held message is one place in a task's conversation as this page holds it. A message that it cannot read keeps its
 * place, so that it hides no other and the sequence stays whole.
 */
import { messageSchema, type Message } from "@sam/protocol/message";
import { z } from "zod";

export interface UnreadableMessage {
  readonly seq: number;
  readonly at: number;
  readonly author: "sam";
  readonly body: { readonly kind: "unreadable"; readonly why: string };
}

export type HeldMessage = Message | UnreadableMessage;

const placeSchema = z.object({ seq: z.number().int().positive(), at: z.number().int().catch(0) });

/** What an answer or a frame says of messages; each is read apart from the others. */
export const heldMessagesSchema = z
  .array(z.unknown())
  .transform((raw) => raw.map(readMessage).filter((message) => message !== null));

export const heldPageSchema = z.object({
  messages: heldMessagesSchema,
  /** The newest seq that the task has. */
  lastSeq: z.number().int().nonnegative(),
});
export type HeldPage = z.infer<typeof heldPageSchema>;

/** @returns null for what has no place in the sequence: the gap it leaves is asked for again. */
export function readMessage(raw: unknown): HeldMessage | null {
  const message = messageSchema.safeParse(raw);
  if (message.success) return message.data;
  const place = placeSchema.safeParse(raw);
  if (!place.success) return null;
  const [issue] = message.error.issues;
  const why = issue === undefined ? "it is not of the protocol" : `${issue.path.join(".")}: ${issue.message}`;
  return { ...place.data, author: "sam", body: { kind: "unreadable", why } };
}
