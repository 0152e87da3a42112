/** The agent installer of a machine host: one installation of an agent at a time, for all servers that ask for it. */
import { type InstallEnd, InstallRun } from "./install-run.ts";

export interface AgentInstallerOptions {
  readonly nodePath: string;
  /** `agent-installer.mjs`. */
  readonly program: string;
  /** The folder with the agents' lockfiles: what is not in there is not installed. */
  readonly recipes: string;
  /** Every server sees this folder, and none can write it. */
  readonly cache: string;
  /** Of whoever started SAM. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly hostTag: string;
  readonly log: (line: string) => void;
}

export class AgentInstaller {
  readonly #options: AgentInstallerOptions;
  readonly #runs = new Map<string, InstallRun>();
  #isStopped = false;

  constructor(options: AgentInstallerOptions) {
    this.#options = options;
  }

  /** Installs an agent, or finds it installed. @param signal aborted when whoever asked has gone. Never rejects. */
  async install(agentId: string, onProgress: (bytes: number) => void, signal: AbortSignal): Promise<InstallEnd> {
    if (this.#isStopped) {
      const message = "SAM is stopping. Start it again, and the task goes on.";
      return { type: "failed", code: "interrupted", message, retryable: true };
    }
    const going = this.#runs.get(agentId);
    const run = going === undefined || going.isEnding ? this.#start(agentId) : going;
    return await run.wait(onProgress, signal);
  }

  /** Ends every installation. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    const runs = [...this.#runs.values()];
    for (const run of runs) run.end();
    await Promise.all(runs.map((run) => run.ended));
  }

  #start(agentId: string): InstallRun {
    const { nodePath, program, recipes, cache, env, hostTag, log } = this.#options;
    const run = new InstallRun({
      command: [nodePath, program, "install", agentId, "--cache", cache, "--recipes", recipes],
      env: { ...env, SAM_MACHINE_HOST: hostTag },
      log,
    });
    this.#runs.set(agentId, run);
    void run.ended.then((end) => {
      if (this.#runs.get(agentId) === run) this.#runs.delete(agentId);
      if (end.type === "failed") log(`${agentId} was not installed: ${end.code}: ${end.message}`);
    });
    return run;
  }
}
