/**
 * An adapter is what SAM knows of one agent beyond the protocol: how it is started so that it asks before it acts, where
 * its model and its sessions are, and how what it reports is read. Everything else is the same for all agents.
 */
import type { ModelDialect } from "@sam/domain/agent-catalog";
import type { TurnUsage } from "@sam/domain/usage";

/** Where an agent is started, and with which model. */
export interface LaunchPlace {
  /** The folder in which it is installed, which may be read-only; null: it is no agent of the catalog. */
  readonly installation: string | null;
  /** What the agents of this node unpack once for all tasks. */
  readonly nodeCache: string;
  /** Path of the workspace: what its files say of the agent's settings is not trusted. */
  readonly workspace: string;
  /** The home directory of the agent; it outlives the task where another one continues it. */
  readonly home: string;
  /** What SAM keeps for the agent beside its home, for as long. */
  readonly stateFolder: string;
  /** Null: the agent's own choice. */
  readonly model: string | null;
  /** Takes the place of the model server's base URL. */
  readonly modelUrl: string;
  /** Takes the place of the model's key. */
  readonly modelToken: string;
}

/** A configuration file that is written before the start, for this user alone. */
export interface LaunchFile {
  readonly path: string;
  readonly text: string;
}

export interface Launch {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly files: readonly LaunchFile[];
  /** Goes with `session/new` and `session/load`; null: nothing. */
  readonly sessionMeta: Readonly<Record<string, unknown>> | null;
}

/** Reads what an agent reports of its usage; made anew for each session. */
export interface UsageReader {
  /** Each update of the session, in order; not those that tell an earlier one again. */
  note(update: Readonly<Record<string, unknown>>): void;
  /** @param response the answer to `session/prompt`. Null where nothing is known. */
  endTurn(response: unknown): TurnUsage | null;
}

export interface AgentAdapter {
  /** Null: SAM knows nothing of its model, and gives it none. */
  readonly model: AgentModel | null;
  launch(place: LaunchPlace): Launch;
  /** What has to be done before it can load a session again; null: nothing. */
  readonly prepareLoad: ((place: Pick<LaunchPlace, "home" | "stateFolder">, sessionId: string) => void) | null;
  /** The session mode in which it asks before edits and commands; null: the one that it opens with. */
  readonly askingMode: string | null;
  /** Whether the tools of a turn that was cancelled run on, each in a session of its own. */
  readonly leavesToolsRunning: boolean;
  /** Whether files may be read and written through SAM; an agent that has hands of its own uses them. */
  readonly usesClientFiles: boolean;
  /** Options of its questions that are not passed on, by id: they would write into the repository, or ask never again. */
  readonly hiddenOptionIds: readonly string[];
  /** What is declared at `initialize` beside the protocol's own. */
  readonly clientMeta: Readonly<Record<string, unknown>> | null;
  /** Whether it ends its turn by itself where a permission is refused, instead of going on without. */
  readonly refusalEndsTurn: boolean;
  /**
   * @param session `isOwnServer`: its model's server is another one than the catalog says; `isLoaded`: an earlier session
   * is loaded again.
   */
  usage(session: { readonly isOwnServer: boolean; readonly isLoaded: boolean }): UsageReader;
  /** @returns what it reports as failed in its answer to `session/prompt`, by structure; null: nothing of the kind. */
  reportedFailure(response: unknown): string | null;
}

export interface AgentModel {
  readonly dialect: ModelDialect;
  /** Where the catalog says that it answers; null: only the owner can say. */
  readonly defaultBaseUrl: string | null;
  readonly defaultModel: string | null;
  /** Whether it can't be started without a model's name. */
  readonly needsModel: boolean;
  /** The secret that holds its key. */
  readonly keyName: string;
}
