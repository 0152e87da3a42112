/** Says in passing what just happened, where nothing on the page shows it. `sayToast` works from anywhere. */
import { Toast } from "@base-ui/react/toast";

export const toastManager = Toast.createToastManager();

/** @param timeoutMs how long it stays; 0 keeps it until it is closed. */
export function sayToast(title: string, description?: string, timeoutMs = 6_000): void {
  toastManager.add({ title, timeout: timeoutMs, ...(description === undefined ? {} : { description }) });
}
