/** Looks at the process table again and again, and keeps every sight of two agents of one task at once. */
import { describeProcess, readProcess, type ProcessEntry } from "./process-table.ts";
import type { System } from "./system.ts";

const intervalMs = 250;
/** Several watches share a look at the table. */
const sharedMs = 150;

export class AgentWatch {
  readonly sights: string[] = [];
  mostAtOnce = 0;
  readonly #system: Pick<System, "belongings">;
  readonly #taskId: string;
  readonly #timer: NodeJS.Timeout;

  constructor(system: Pick<System, "belongings">, taskId: string) {
    this.#system = system;
    this.#taskId = taskId;
    this.#timer = setInterval(() => this.#look(), intervalMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const agents = this.#agents();
    this.mostAtOnce = Math.max(this.mostAtOnce, agents.length);
    if (agents.length < 2) return;
    // A table is not read in one instant: only those that are all still there were there together.
    const still = agents.filter(({ pid, startTicks }) => {
      const now = readProcess(pid);
      return now !== null && now.startTicks === startTicks && isAgent(now);
    });
    if (still.length > 1) this.sights.push(still.map(describeProcess).join(" | "));
  }

  #agents(): readonly ProcessEntry[] {
    const agents = this.#system.belongings.ofTask(this.#taskId, sharedMs).filter(isAgent);
    return agents.filter(({ parentPid }) => !agents.some(({ pid }) => pid === parentPid));
  }
}

function isAgent({ command }: ProcessEntry): boolean {
  return command.some((word) => word.endsWith("/runbook.mjs") || word.endsWith("/stand-in-agent.mjs"));
}
