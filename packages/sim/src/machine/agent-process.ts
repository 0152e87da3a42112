/** An agent's process on a machine. It is there until it ends, whoever still knows of it. */
import type { TaskId } from "@sam/domain/ids";

export class AgentProcess {
  readonly pid: number;
  readonly taskId: TaskId;
  readonly incarnation: number;
  isAlive = true;
  #whenGone: ((signal: string | null) => void)[] = [];

  constructor(pid: number, taskId: TaskId, incarnation: number) {
    this.pid = pid;
    this.taskId = taskId;
    this.incarnation = incarnation;
  }

  whenGone(then: (signal: string | null) => void): void {
    this.#whenGone.push(then);
  }

  /** Whoever watches it is told that it is gone; it is not. */
  declareDead(): void {
    this.#tell("SIGKILL");
  }

  /** @param signal null: it ended by itself. */
  end(signal: string | null): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    this.#tell(signal);
  }

  #tell(signal: string | null): void {
    const told = this.#whenGone;
    this.#whenGone = [];
    for (const then of told) then(signal);
  }
}
