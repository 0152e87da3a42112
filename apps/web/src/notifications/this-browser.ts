/** This browser as a place that pushes come to: its service worker, its subscription, and what it is called. */
import { sendSubscription } from "../api/notifications.ts";

const workerPath = "/sw.js";
const readyTimeoutMs = 10_000;

export function canPush(): boolean {
  return "serviceWorker" in navigator && "PushManager" in window;
}

/** @returns the service worker's registration, where this browser has one. */
export async function knownWorker(): Promise<ServiceWorkerRegistration | null> {
  if (!("serviceWorker" in navigator)) return null;
  return (await navigator.serviceWorker.getRegistration("/")) ?? null;
}

/** @returns the address under which this browser is subscribed; null where it is not. */
export async function ownEndpoint(): Promise<string | null> {
  if (!canPush()) return null;
  const worker = await knownWorker();
  return (await worker?.pushManager.getSubscription())?.endpoint ?? null;
}

/** Subscribes at the browser's push service, and tells SAM. Throws in words where either does not answer. */
export async function subscribeThisBrowser(publicKey: string): Promise<void> {
  await navigator.serviceWorker.register(workerPath, { scope: "/" });
  const worker = await readyWorker();
  const options = { userVisibleOnly: true, applicationServerKey: publicKey };
  // One that was made with another key cannot be used with this one.
  const before = await worker.pushManager.getSubscription();
  if (before !== null && !isFor(before, publicKey)) await before.unsubscribe();
  const subscription = await worker.pushManager.subscribe(options).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`this browser's push service did not take it: ${why}`, { cause: error });
  });
  const { endpoint, keys } = subscription.toJSON();
  const { p256dh, auth } = keys ?? {};
  if (endpoint === undefined || p256dh === undefined || auth === undefined) {
    throw new Error("this browser's push service gave no keys");
  }
  await sendSubscription({ endpoint, keys: { p256dh, auth }, browser: browserName(navigator.userAgent) });
}

/** Ends it on the browser's side. What SAM still sends there is answered as gone. */
export async function unsubscribeThisBrowser(): Promise<void> {
  const worker = await knownWorker();
  await (await worker?.pushManager.getSubscription())?.unsubscribe();
}

async function readyWorker(): Promise<ServiceWorkerRegistration> {
  const late = new Promise<never>((_resolve, reject) => {
    setTimeout(() => reject(new Error("the service worker did not start")), readyTimeoutMs);
  });
  return await Promise.race([navigator.serviceWorker.ready, late]);
}

function isFor({ options }: PushSubscription, publicKey: string): boolean {
  const key = options.applicationServerKey;
  if (key === null) return false;
  const text = btoa(String.fromCharCode(...new Uint8Array(key)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "") === publicKey;
}

const browsers: readonly (readonly [RegExp, string])[] = [
  [/Edg\//, "Edge"],
  [/OPR\//, "Opera"],
  [/SamsungBrowser\//, "Samsung Internet"],
  [/Firefox\/|FxiOS\//, "Firefox"],
  [/Chrome\/|CriOS\//, "Chrome"],
  [/Safari\//, "Safari"],
];
const systems: readonly (readonly [RegExp, string])[] = [
  [/Android/, "Android"],
  [/iPhone/, "iPhone"],
  [/iPad/, "iPad"],
  [/Mac OS X/, "macOS"],
  [/Windows/, "Windows"],
  [/CrOS/, "ChromeOS"],
  [/Linux/, "Linux"],
];

/** @returns what a person calls it, such as "Firefox on Linux". */
export function browserName(userAgent: string): string {
  const nameIn = (names: typeof browsers) => names.find(([pattern]) => pattern.test(userAgent))?.[1];
  return `${nameIn(browsers) ?? "A browser"} on ${nameIn(systems) ?? "an unknown system"}`;
}
