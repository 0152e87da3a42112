/** One hibernatable socket of a VM agent: what is remembered with it, and the frames that go over it. */
import { upFrameSchema, type DownFrame, type UpFrame } from "@sam/protocol/node-channel";
import { maxFrameBytes } from "@sam/protocol/version";
import { z } from "zod";

/**
 * Survives hibernation with the socket. `epoch` 0: no hello yet, or replaced by another socket. `tokenAt`: when the
 * newest token was made that this VM agent has.
 */
const attachmentSchema = z.object({ epoch: z.number(), bootId: z.string().nullable(), tokenAt: z.number() });
export type Attachment = z.infer<typeof attachmentSchema>;

/** A hibernatable socket, as the channel uses it. */
export interface NodeSocket {
  send(text: string): void;
  close(code: number, reason: string): void;
  serializeAttachment(attachment: unknown): void;
  deserializeAttachment(): unknown;
}

export function attach(socket: NodeSocket, attachment: Attachment): void {
  socket.serializeAttachment(attachment);
}

export function attachmentOf(socket: NodeSocket): Attachment {
  const parsed = attachmentSchema.safeParse(socket.deserializeAttachment());
  return parsed.success ? parsed.data : { epoch: 0, bootId: null, tokenAt: 0 };
}

/** @returns the frame, or what is wrong with it. */
export function parseFrame(data: string | ArrayBuffer): UpFrame | string {
  if (typeof data !== "string") return "frames are texts";
  if (bytesOf(data) > maxFrameBytes) return `a frame is at most ${maxFrameBytes} bytes`;
  try {
    const parsed = upFrameSchema.safeParse(JSON.parse(data));
    return parsed.success ? parsed.data : z.prettifyError(parsed.error).slice(0, 2000);
  } catch {
    return "not JSON";
  }
}

/** @returns its bytes in UTF-8; of a text that cannot be near the limit, at most so many. */
function bytesOf(text: string): number {
  const atMost = 3 * text.length;
  return atMost <= maxFrameBytes ? atMost : new TextEncoder().encode(text).length;
}

export function sendFrame(socket: NodeSocket, frame: DownFrame): void {
  try {
    socket.send(JSON.stringify(frame));
  } catch {
    // It is closing: commands are sent again with the next hello, and events come again without their acknowledgement.
  }
}
