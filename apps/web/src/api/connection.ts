/** Whether the API can be reached: told by every request that was made, known to everything on the page. */
import { useSyncExternalStore } from "react";

export interface Connection {
  /** Since when no request has been answered; null while they are. */
  readonly offlineSince: number | null;
  /** The API knows no session of this browser. */
  readonly signedOut: boolean;
}

let connection: Connection = { offlineSince: null, signedOut: false };
const listeners = new Set<() => void>();

function change(next: Connection): void {
  if (next.offlineSince === connection.offlineSince && next.signedOut === connection.signedOut) return;
  connection = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function noteAnswered(signedOut: boolean): void {
  change({ offlineSince: null, signedOut });
}

export function noteUnreachable(now: number): void {
  change({ ...connection, offlineSince: connection.offlineSince ?? now });
}

export function currentConnection(): Connection {
  return connection;
}

export function useConnection(): Connection {
  return useSyncExternalStore(subscribe, currentConnection, currentConnection);
}
