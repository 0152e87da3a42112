/** Whether this browser lets SAM show notifications. It is asked by a press, and by nothing else. */
import { useSyncExternalStore } from "react";

export type NotificationState = "unsupported" | "not_asked" | "granted" | "denied";

const listeners = new Set<() => void>();
let status: PermissionStatus | null = null;

function changed(): void {
  for (const listener of listeners) listener();
}

/** Also where it is changed in the browser's own settings. */
async function watch(): Promise<void> {
  try {
    status = await navigator.permissions.query({ name: "notifications" });
    status.addEventListener("change", changed);
  } catch {
    // A browser that cannot say so is looked at again when it was asked.
  }
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) void watch();
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) status?.removeEventListener("change", changed);
  };
}

export function notificationState(): NotificationState {
  if (!("Notification" in window)) return "unsupported";
  return Notification.permission === "default" ? "not_asked" : Notification.permission;
}

export function useNotificationState(): NotificationState {
  return useSyncExternalStore(subscribe, notificationState);
}

/** Only from a press. */
export async function askForNotifications(): Promise<NotificationState> {
  await Notification.requestPermission();
  changed();
  return notificationState();
}
