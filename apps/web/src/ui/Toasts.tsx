/** The place of the toasts, in the shell; its code is fetched with the first one. */
import { lazy, type ReactNode, Suspense, useSyncExternalStore } from "react";

import { subscribeToToasts, wasToastSaid } from "./say-toast.ts";

const ToastList = lazy(async () => ({ default: (await import("./ToastList.tsx")).ToastList }));

export function Toasts(): ReactNode {
  const said = useSyncExternalStore(subscribeToToasts, wasToastSaid, wasToastSaid);
  if (!said) return null;
  return (
    <Suspense fallback={null}>
      <ToastList />
    </Suspense>
  );
}
