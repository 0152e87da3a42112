/** The signals that end a system: the first asks for an orderly stop, a second one forces it. */

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export interface StopSignals {
  /** Settles with the first signal. */
  readonly asked: Promise<NodeJS.Signals>;
}

/** @param force is called for a signal that comes while the system already stops. */
export function stopSignals(force: () => void): StopSignals {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>();
  let asked = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (asked) return force();
    asked = true;
    resolve(signal);
  };
  for (const signal of signals) process.on(signal, onSignal);
  return { asked: promise };
}
