/** A turn while an agent works on it: what this node saw of it that decides how its end is read. */
import type { TaskId } from "@sam/domain/ids";

import { messageOf } from "../clipped-text.ts";
import { logFact } from "../log.ts";
import { endProcesses } from "../process/end-processes.ts";
import { ticksNow } from "../process/process-table.ts";
import type { TurnCircumstances } from "./turn-end.ts";

const graceMs = 500;
const giveUpMs = 5_000;

export class RunningTurn implements TurnCircumstances {
  readonly turn: number;
  readonly commandId: string;
  /** Whether the agent has shown a sign of work on it. */
  isRead = false;
  isCancelled = false;
  isRefused = false;
  readonly #startedTicks = ticksNow();

  constructor(turn: number, commandId: string) {
    this.turn = turn;
    this.commandId = commandId;
  }

  /**
   * Ends the tools of this turn that an agent has left running: what has begun since the turn did, in another session than
   * the agent's own.
   */
  async endTools(taskId: TaskId, agentPid: number): Promise<void> {
    try {
      await endProcesses([taskId], {
        graceMs,
        giveUpMs,
        only: ({ sessionId, startTicks }) => sessionId !== agentPid && Number(startTicks) >= this.#startedTicks,
      });
    } catch (error) {
      logFact("tools_not_ended", { taskId, error: messageOf(error) });
    }
  }
}
