/** One push to one browser, by way of its push service (RFC 8030): an encrypted message, a signed request, a deadline. */
import { fromBase64url } from "../api/base64url.ts";
import { report } from "../system/report.ts";
import { encryptPush } from "./push-encryption.ts";
import { vapidHeader, type VapidJwk } from "./vapid.ts";

export interface PushTarget {
  readonly endpoint: string;
  readonly p256dh: string;
  readonly auth: string;
}

export interface PushMessage {
  readonly payload: object;
  /** A later push of the same topic takes the place of an earlier one that was not delivered: up to 32 of base64url. */
  readonly topic: string;
}

/**
 * - `taken`: the service has it, and delivers it when the browser is there.
 * - `gone`: the browser has no such subscription any more.
 * - `refused`: this push will not be taken, however often it is sent.
 * - `unreached`: no answer, or one that asks to come back.
 */
export interface PushOutcome {
  readonly kind: "taken" | "gone" | "refused" | "unreached";
  readonly status: number | null;
  readonly problem: string | null;
}

const timeoutMs = 8_000;
/** The service keeps it for a browser that is off: a question of yesterday is still one. */
const keptSeconds = 24 * 60 * 60;

export async function sendPush(
  target: PushTarget,
  message: PushMessage,
  sender: { readonly key: VapidJwk; readonly contact: string; readonly now: number },
): Promise<PushOutcome> {
  const [p256dh, auth] = [fromBase64url(target.p256dh), fromBase64url(target.auth)];
  if (p256dh === null || auth === null) return { kind: "refused", status: null, problem: "its keys cannot be read" };
  const endpoint = new URL(target.endpoint);
  const headers = {
    authorization: await vapidHeader(sender.key, endpoint, sender.contact, sender.now),
    "content-encoding": "aes128gcm",
    "content-type": "application/octet-stream",
    ttl: String(keptSeconds),
    urgency: "high",
    topic: message.topic,
  };
  const body = await encryptPush(JSON.stringify(message.payload), { p256dh, auth });
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(endpoint, { method: "POST", headers, body, redirect: "manual", signal });
    await response.body?.cancel();
    return outcomeOf(response.status, endpoint.host);
  } catch (error) {
    report(`a push to ${endpoint.host}`, error);
    return { kind: "unreached", status: null, problem: `${endpoint.host} could not be reached` };
  }
}

function outcomeOf(status: number, host: string): PushOutcome {
  if (status >= 200 && status < 300) return { kind: "taken", status, problem: null };
  if (status === 404 || status === 410) {
    return { kind: "gone", status, problem: `the browser's subscription has expired (${status}), and was removed` };
  }
  if (status === 429 || status >= 500) return { kind: "unreached", status, problem: `${host} answered ${status}` };
  return { kind: "refused", status, problem: `${host} refused it with ${status}` };
}
