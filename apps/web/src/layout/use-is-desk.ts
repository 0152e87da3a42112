/** Whether there is room for the tasks at the left: `desk` of app.css. Below it they are not made at all. */
import { useSyncExternalStore } from "react";

const query = "(width >= 64rem)";

function subscribe(listener: () => void): () => void {
  const list = window.matchMedia(query);
  list.addEventListener("change", listener);
  return () => list.removeEventListener("change", listener);
}

export function useIsDesk(): boolean {
  return useSyncExternalStore(subscribe, () => window.matchMedia(query).matches);
}
