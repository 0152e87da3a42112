/** Says in passing what just happened, where nothing on the page shows it. `sayToast` works from anywhere. */

export interface SaidToast {
  readonly title: string;
  readonly description: string | null;
}

type Listener = () => void;

const listeners = new Set<Listener>();
let waiting: readonly SaidToast[] = [];
let everSaid = false;

/** Shown for a few seconds, at the thumb of a phone and in the corner of a desktop. */
export function sayToast(title: string, description: string | null = null): void {
  waiting = [...waiting, { title, description }];
  everSaid = true;
  for (const listener of listeners) listener();
}

/** @returns what was said and not yet shown; it is the caller's to show from now on. */
export function takeToasts(): readonly SaidToast[] {
  const taken = waiting;
  waiting = [];
  return taken;
}

export function subscribeToToasts(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** @returns whether anything was ever said on this page: until then nothing of it needs to be there. */
export function wasToastSaid(): boolean {
  return everSaid;
}
