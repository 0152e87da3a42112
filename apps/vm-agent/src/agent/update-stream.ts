/**
 * The stream of an agent's updates, from its wire to what is told of it: each tool call is told of before anything is said
 * of it, commands' output has one form, secrets are taken out, and what is too long is cut. In order, always.
 */
import { MaskedUpdates } from "../secret/masked-updates.ts";
import type { SecretMask } from "../secret/secret-mask.ts";
import { TerminalOutput } from "./terminal-output.ts";
import { ToolMemory, type ToolFacts } from "./tool-memory.ts";
import { trimUpdate, type Update } from "./trimmed-update.ts";

export class UpdateStream {
  readonly #tools = new ToolMemory();
  readonly #terminals = new TerminalOutput((update) => this.#tell(update));
  readonly #masked: MaskedUpdates;
  readonly #say: (update: Update) => void;

  /**
   * @param mask looked up for each update.
   * @param say told each update as it may leave this node.
   */
  constructor(mask: () => SecretMask, say: (update: Update) => void) {
    this.#masked = new MaskedUpdates(mask);
    this.#say = say;
  }

  take(update: Update): void {
    for (const told of this.#terminals.take(this.#tools.noteUpdate(update))) this.#tell(told);
  }

  /** @returns all that the agent has said of a tool call that it asks about. */
  factsOf(call: Update): ToolFacts {
    return this.#tools.note(call);
  }

  /** Before a question is told: the tool call that it is about, and whatever waits. */
  announce(call: Update): void {
    const announcement = this.#tools.announcement(call);
    if (announcement === null) this.#flush();
    else this.#tell(announcement);
  }

  /**
   * The turn is over.
   * @param isCutShort it was cancelled, or ended by a refusal: then not every agent tells the end of each tool call.
   */
  endTurn(isCutShort: boolean): void {
    this.#terminals.end();
    if (isCutShort) {
      for (const toolCallId of this.#tools.endAll()) {
        this.#tell({ sessionUpdate: "tool_call_update", toolCallId, status: "failed" });
      }
    }
    this.#flush();
  }

  /** Nothing more is told. */
  stop(): void {
    this.#terminals.end();
  }

  #tell(update: Update): void {
    for (const masked of this.#masked.take(update)) this.#say(trimUpdate(masked));
  }

  #flush(): void {
    for (const masked of this.#masked.flush()) this.#say(trimUpdate(masked));
  }
}
