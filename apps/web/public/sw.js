/**
 * The service worker shows what SAM pushes, says back that it was shown or pressed, and leads to the task. It caches
 * nothing and answers no request of the page. What a push holds is `pushPayloadSchema` of the protocol.
 */

/** @typedef {{ pushId?: string, receiptToken?: string, taskId: string | null, title: string, body: string }} Push */
/** @typedef {{ url: string, focus(): Promise<unknown> }} Page */
/** @typedef {{ waitUntil(work: Promise<unknown>): void }} WorkerEvent */
/** @typedef {WorkerEvent & { data: { json(): Push }, notification: { data: Push, close(): void } }} PushEvent */
/** @typedef {(options: object) => Promise<Page[]>} MatchAll */
/** @typedef {(path: string) => Promise<unknown>} OpenWindow */
/** @typedef {(title: string, options: object) => Promise<void>} ShowNotification */
/** @typedef {{ claim(): Promise<void>, matchAll: MatchAll, openWindow: OpenWindow }} Clients */
/** @typedef {(name: string, handle: (event: PushEvent) => void) => void} Listen */
/** @typedef {{ showNotification: ShowNotification }} Registration */
/** @typedef {{ registration: Registration, clients: Clients, skipWaiting(): Promise<void>, addEventListener: Listen }} Own */

/** A worker's globals are not those of a page. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the types of a page know nothing of a worker
const worker = /** @type {Own} */ (/** @type {unknown} */ (self));
const sayTimeoutMs = 10_000;

/**
 * The control plane learns it from nobody else. What cannot be said now is not said later: the notification counts.
 * @param {Push} push
 * @param {"shown" | "clicked"} seen
 */
async function say({ pushId, receiptToken }, seen) {
  // One that the page itself showed has no receipt.
  if (pushId === undefined) return;
  try {
    await fetch("/api/push-receipts", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ pushId, receiptToken, seen }),
      keepalive: true,
      signal: AbortSignal.timeout(sayTimeoutMs),
    });
  } catch {
    // It is offline, or SAM is.
  }
}

/** One notification for each task, whoever shows it: the page or this worker. @param {Push} push */
async function show(push) {
  const tag = push.taskId === null ? "sam-test" : `sam-${push.taskId}`;
  await worker.registration.showNotification(push.title, { body: push.body, icon: "/icon.svg", tag, data: push });
  await say(push, "shown");
}

/** @param {Push} push */
async function open({ taskId }) {
  const path = taskId === null ? "/notifications" : `/tasks/${taskId}`;
  const pages = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = pages.find((page) => new URL(page.url).pathname === path);
  if (there === undefined) await worker.clients.openWindow(path);
  else await there.focus();
}

worker.addEventListener("install", (event) => event.waitUntil(worker.skipWaiting()));
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("push", (event) => event.waitUntil(show(event.data.json())));
worker.addEventListener("notificationclick", (event) => {
  const { notification } = event;
  notification.close();
  event.waitUntil(Promise.all([open(notification.data), say(notification.data, "clicked")]));
});
