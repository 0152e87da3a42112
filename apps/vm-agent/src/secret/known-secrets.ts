/**
 * The secrets that this node knows at the moment, by task: those of the grants that its agents were started with. They are
 * in memory only, so after a restart of the VM agent none is known until it is granted again.
 */
import type { TaskId } from "@sam/domain/ids";
import type { AgentGrant } from "@sam/protocol/node-channel";

import { SecretMask, type Secret } from "./secret-mask.ts";

interface Known {
  readonly granted: readonly Secret[];
  readonly keys: readonly Secret[];
  readonly mask: SecretMask;
}

const nothing = new SecretMask([]);

export class KnownSecrets {
  readonly #tasks = new Map<TaskId, Known>();

  /** Whether a grant of this task is known. */
  has(taskId: TaskId): boolean {
    return this.#tasks.has(taskId);
  }

  /** What hides everything that is known of this task's secrets. */
  mask(taskId: TaskId): SecretMask {
    return this.#tasks.get(taskId)?.mask ?? nothing;
  }

  /** The owner's secrets alone, without the keys that are worth nothing outside of this node. */
  granted(taskId: TaskId): readonly Secret[] {
    return this.#tasks.get(taskId)?.granted ?? [];
  }

  /** A value that was granted before stays known: an agent may have kept it. */
  learn(taskId: TaskId, grant: AgentGrant): void {
    const { modelKey, environment } = grant;
    const secrets = Object.entries(environment).map(([name, value]) => ({ name, value }));
    this.#add(taskId, modelKey === null ? secrets : [...secrets, modelKey], []);
  }

  /** A key of this node's own, made for one start of an agent. */
  learnKey(taskId: TaskId, key: Secret): void {
    this.#add(taskId, [], [key]);
  }

  forget(taskId: TaskId): void {
    this.#tasks.delete(taskId);
  }

  #add(taskId: TaskId, granted: readonly Secret[], keys: readonly Secret[]): void {
    const before = this.#tasks.get(taskId);
    const known = {
      granted: together(before?.granted ?? [], granted),
      keys: together(before?.keys ?? [], keys),
    };
    this.#tasks.set(taskId, { ...known, mask: new SecretMask([...known.granted, ...known.keys]) });
  }
}

function together(before: readonly Secret[], more: readonly Secret[]): Secret[] {
  const isNew = ({ name, value }: Secret) => !before.some((secret) => secret.name === name && secret.value === value);
  return [...before, ...more.filter(isNew)];
}
