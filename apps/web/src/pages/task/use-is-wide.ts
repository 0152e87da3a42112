/** Whether there is room for the proof beside the conversation. The same width as the style's `wide`. */
import { useSyncExternalStore } from "react";

const query = "(width >= 80rem)";

function subscribe(listener: () => void): () => void {
  const media = window.matchMedia(query);
  media.addEventListener("change", listener);
  return () => media.removeEventListener("change", listener);
}

export function useIsWide(): boolean {
  return useSyncExternalStore(subscribe, () => window.matchMedia(query).matches);
}
