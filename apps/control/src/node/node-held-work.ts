/**
 * What a VM agent says that it holds, passed on: the node decides by it whether it may go, and each task hears where its
 * saved work is. It is said again and again, so whoever can't be told now hears the next.
 */
import type { NodeId, TaskId } from "@sam/domain/ids";
import type { NodeEvent } from "@sam/domain/node-event";
import type { SavedWorkReport } from "@sam/domain/saved-work";
import type { ForgottenWork, HeldWork } from "@sam/protocol/saved-work";

export interface HeldWorkPorts {
  readonly handle: (event: NodeEvent) => unknown;
  readonly tell: (taskId: TaskId, nodeId: NodeId, work: SavedWorkReport) => Promise<void>;
  readonly tellForgotten: (forgotten: ForgottenWork) => Promise<void>;
  readonly report: (what: string, error: unknown) => void;
}

export class NodeHeldWork {
  readonly #ports: HeldWorkPorts;
  /** What each task was told last. In memory alone: told twice it changes nothing. */
  readonly #told = new Map<TaskId, string>();
  #handled = "";

  constructor(ports: HeldWorkPorts) {
    this.#ports = ports;
  }

  held(nodeId: NodeId, held: HeldWork): void {
    const text = JSON.stringify(held);
    if (text !== this.#handled) this.#ports.handle({ type: "held_work_reported", held });
    this.#handled = text;
    for (const { taskId, ...work } of held.works) this.#tell(taskId, nodeId, work);
  }

  async forgotten(forgotten: ForgottenWork): Promise<void> {
    try {
      await this.#ports.tellForgotten(forgotten);
    } catch (error) {
      // The task asks again.
      this.#ports.report(`saved work of ${forgotten.taskId}`, error);
    }
  }

  #tell(taskId: TaskId, nodeId: NodeId, work: SavedWorkReport): void {
    const text = JSON.stringify(work);
    if (this.#told.get(taskId) === text) return;
    this.#told.set(taskId, text);
    this.#ports.tell(taskId, nodeId, work).catch((error: unknown) => {
      this.#told.delete(taskId);
      this.#ports.report(`saved work of ${taskId}`, error);
    });
  }
}
