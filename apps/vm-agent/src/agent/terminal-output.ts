/**
 * Some agents tell the output of a command beside the protocol, piece by piece, in the `_meta` of a tool call's updates.
 * Here it takes the protocol's own form, as of every other agent: the whole output so far in `content`, the exit code in
 * `rawOutput`. What comes in quick succession is told together.
 */
import { z } from "zod";

import { clipTail } from "../clipped-text.ts";

type Update = Readonly<Record<string, unknown>>;

const pieceSchema = z.object({ data: z.string() });
const updateSchema = z.object({
  sessionUpdate: z.literal("tool_call_update"),
  toolCallId: z.string(),
  _meta: z.looseObject({
    terminal_output: pieceSchema.optional().catch(undefined),
    terminal_output_delta: pieceSchema.optional().catch(undefined),
    terminal_exit: z.object({ exit_code: z.number().int().nullable() }).optional().catch(undefined),
  }),
});
type Told = z.infer<typeof updateSchema>;

interface Output {
  text: string;
  timer: NodeJS.Timeout | null;
  toldAtMs: number;
}

const maxLength = 48 * 1024;
const paceMs = 500;
const maxCommands = 64;

export class TerminalOutput {
  readonly #onUpdate: (update: Update) => void;
  readonly #outputs = new Map<string, Output>();

  /** @param onUpdate told what `take` kept back, some time later. */
  constructor(onUpdate: (update: Update) => void) {
    this.#onUpdate = onUpdate;
  }

  /** @returns what to tell of the update now: itself where it has no such output. */
  take(update: Update): Update[] {
    const parsed = updateSchema.safeParse(update);
    if (!parsed.success) return [update];
    const { toolCallId, _meta: meta } = parsed.data;
    const { terminal_output: whole, terminal_output_delta: piece, terminal_exit: exit } = meta;
    if (whole === undefined && piece === undefined && exit === undefined) return [update];
    const output = this.#outputs.get(toolCallId) ?? this.#add(toolCallId);
    if (whole !== undefined) output.text = clipTail(whole.data, maxLength);
    if (piece !== undefined) output.text = clipTail(output.text + piece.data, maxLength);
    const isOutputAlone = exit === undefined && update["status"] === undefined && update["content"] === undefined;
    const waitMs = output.toldAtMs + paceMs - performance.now();
    if (!isOutputAlone || waitMs <= 0) return [this.#tell(update, parsed.data, output)];
    output.timer ??= setTimeout(() => this.#onUpdate(this.#tell(update, parsed.data, output)), waitMs);
    return [];
  }

  /** The turn is over: nothing more of its commands is told. */
  end(): void {
    for (const { timer } of this.#outputs.values()) if (timer !== null) clearTimeout(timer);
    this.#outputs.clear();
  }

  #add(toolCallId: string): Output {
    const output: Output = { text: "", timer: null, toldAtMs: -paceMs };
    this.#outputs.set(toolCallId, output);
    const [oldest] = this.#outputs.keys();
    if (this.#outputs.size > maxCommands && oldest !== undefined) this.#forget(oldest);
    return output;
  }

  #forget(toolCallId: string): void {
    const output = this.#outputs.get(toolCallId);
    if (output !== undefined && output.timer !== null) clearTimeout(output.timer);
    this.#outputs.delete(toolCallId);
  }

  #tell(update: Update, { _meta: meta, toolCallId }: Told, output: Output): Update {
    if (output.timer !== null) clearTimeout(output.timer);
    output.timer = null;
    output.toldAtMs = performance.now();
    const { terminal_output: _whole, terminal_output_delta: _piece, terminal_exit: exit, ...otherMeta } = meta;
    if (exit !== undefined) this.#forget(toolCallId);
    return {
      ...update,
      _meta: otherMeta,
      ...(output.text === "" ? {} : { content: [{ type: "content", content: { type: "text", text: output.text } }] }),
      ...(exit === undefined ? {} : { rawOutput: { exitCode: exit.exit_code } }),
    };
  }
}
