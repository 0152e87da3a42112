/** Whether you want notifications of an open page in this browser, where it allows them. Kept here alone. */
import { useSyncExternalStore } from "react";

const name = "sam.notify";
const listeners = new Set<() => void>();

function read(): boolean {
  try {
    return localStorage.getItem(name) !== "off";
  } catch {
    return true;
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", listener);
  };
}

export function useIsNotifying(): boolean {
  return useSyncExternalStore(subscribe, read);
}

export function setIsNotifying(isWanted: boolean): void {
  try {
    if (isWanted) localStorage.removeItem(name);
    else localStorage.setItem(name, "off");
  } catch {
    // Storage may be refused: then they are on.
  }
  for (const listener of listeners) listener();
}
