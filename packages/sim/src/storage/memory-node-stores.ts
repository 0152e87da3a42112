/** What a NodeLifecycle keeps beside its lifecycle, in memory: the commands on their way, the boots, the tokens. */
import type { TaskId } from "@sam/domain/ids";
import type { NodeCommand } from "@sam/domain/node-task";

import { drawToken } from "../../../../apps/control/src/api/token.ts";
import type { Face } from "../../../../apps/control/src/lifecycle/face.ts";
import type { NodeBoots } from "../../../../apps/control/src/node/node-boots.ts";
import type { NodeCommands } from "../../../../apps/control/src/node/node-commands.ts";
import type { MintedToken, NodeTokens } from "../../../../apps/control/src/node/node-tokens.ts";

interface StoredCommand {
  readonly command: NodeCommand;
  isAcknowledged: boolean;
}

/** What stands on the disk of one node's object. */
export class NodeDisk {
  commands: StoredCommand[] = [];
  readonly bootIds = new Set<string>();
  readonly tokens = new Map<string, { readonly createdAt: number; readonly expiresAt: number }>();
}

export class MemoryNodeCommands implements Face<NodeCommands> {
  readonly #disk: NodeDisk;

  constructor(disk: NodeDisk) {
    this.#disk = disk;
  }

  add(command: NodeCommand): boolean {
    if (this.#disk.commands.some((known) => known.command.commandId === command.commandId)) return false;
    this.#disk.commands.push({ command, isAcknowledged: false });
    return true;
  }

  unacknowledged(): NodeCommand[] {
    return this.#disk.commands.filter(({ isAcknowledged }) => !isAcknowledged).map(({ command }) => command);
  }

  acknowledge(commandId: string): void {
    const known = this.#disk.commands.find(({ command }) => command.commandId === commandId);
    if (known !== undefined) known.isAcknowledged = true;
  }

  forgetTask(taskId: TaskId): void {
    this.#disk.commands = this.#disk.commands.filter(({ command }) => command.taskId !== taskId);
  }

  forgetAll(): void {
    this.#disk.commands = [];
  }
}

export class MemoryNodeBoots implements Face<NodeBoots> {
  readonly #disk: NodeDisk;

  constructor(disk: NodeDisk) {
    this.#disk = disk;
  }

  note(bootId: string): void {
    this.#disk.bootIds.add(bootId);
  }

  wasReplaced(bootId: string, currentBootId: string | null): boolean {
    return bootId !== currentBootId && this.#disk.bootIds.has(bootId);
  }
}

export class MemoryNodeTokens implements Face<NodeTokens> {
  readonly #disk: NodeDisk;
  readonly #lifetimeMs: number;

  constructor(disk: NodeDisk, lifetimeMs: number) {
    this.#disk = disk;
    this.#lifetimeMs = lifetimeMs;
  }

  mint(now: number): Promise<MintedToken> {
    const token = drawToken();
    const tokenExpiresAt = now + this.#lifetimeMs;
    this.#disk.tokens.set(token, { createdAt: now, expiresAt: tokenExpiresAt });
    return Promise.resolve({ token, tokenExpiresAt });
  }

  madeAt(token: string, now: number): Promise<number | null> {
    const known = this.#disk.tokens.get(token);
    return Promise.resolve(known === undefined || known.expiresAt <= now ? null : known.createdAt);
  }
}
