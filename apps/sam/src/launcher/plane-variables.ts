/** What the control plane is given, and its restart with something else of it. Changes that come together make one restart. */
import type { ControlPlane } from "../control-plane/control-plane.ts";
import type { SystemLog } from "./system-log.ts";

export type Variables = Readonly<Record<string, string>>;

export class PlaneVariables {
  readonly #log: SystemLog;
  #current: Variables;
  #inForce: Variables;
  #plane: Pick<ControlPlane, "restart"> | null = null;
  #restarting = false;

  constructor(variables: Variables, log: SystemLog) {
    this.#current = variables;
    this.#inForce = variables;
    this.#log = log;
  }

  get current(): Variables {
    return this.#current;
  }

  /** From here on a change reaches that control plane, which was started with `variables`. */
  reach(plane: Pick<ControlPlane, "restart">, variables: Variables): void {
    this.#current = { ...variables, ...this.#changed() };
    this.#inForce = variables;
    this.#plane = plane;
    void this.#restartWhileStale();
  }

  /** What is the same changes nothing. */
  change(changes: Variables): void {
    this.#current = { ...this.#current, ...changes };
    void this.#restartWhileStale();
  }

  async #restartWhileStale(): Promise<void> {
    if (this.#plane === null || this.#restarting) return;
    this.#restarting = true;
    try {
      while (Object.keys(this.#changed()).length > 0) {
        const next = this.#current;
        const names = Object.keys(this.#changed()).join(", ");
        this.#log.write("info", "launcher", `the control plane is started again, since ${names} changed`);
        await this.#plane.restart(next);
        this.#inForce = next;
      }
    } catch (error) {
      this.#log.write("error", "launcher", `the control plane did not take what was changed: ${String(error)}`);
    } finally {
      this.#restarting = false;
    }
  }

  /** What is to be in force and isn't yet. */
  #changed(): Record<string, string> {
    return Object.fromEntries(Object.entries(this.#current).filter(([name, text]) => this.#inForce[name] !== text));
  }
}
