/**
 * The screen of a command: finished lines, and in a terminal one line below them that says what goes on at present.
 */
import { cut } from "./cells.ts";
import { type Paint, paintWith, wantsColour } from "./style.ts";

/** Narrower than this, lines are not broken any further. */
const narrowest = 20;
/** What a pipe or a file gets: nobody wraps there. */
const unbounded = 100_000;

export interface Screen {
  readonly paint: Paint;
  /** In cells. */
  width(): number;
  /** One finished line, styled by us. */
  line(text: string): void;
  /** The line below; null takes it away. Unstyled, and cut to the width. Nothing outside a terminal. */
  status(text: string | null): void;
}

/** What a screen writes to: `process.stdout`, or a test's own. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export class Terminal implements Screen {
  readonly paint: Paint;
  readonly interactive: boolean;
  readonly #output: Output;
  #status: string | null = null;
  #held: string[] | null = null;

  constructor(output: Output = process.stdout, env: NodeJS.ProcessEnv = process.env) {
    this.#output = output;
    this.interactive = output.isTTY === true && env["TERM"] !== "dumb";
    this.paint = paintWith(wantsColour(output.isTTY === true, env));
  }

  width(): number {
    if (this.#output.isTTY !== true) return unbounded;
    return Math.max(narrowest, this.#output.columns ?? 80);
  }

  line(text: string): void {
    if (this.#held !== null) return void this.#held.push(text);
    this.#output.write(`${this.#erase()}${text}\n${this.#drawn()}`);
  }

  status(text: string | null): void {
    if (!this.interactive || this.#held !== null || text === this.#status) return;
    const erase = this.#erase();
    this.#status = text;
    this.#output.write(`${erase}${this.#drawn()}`);
  }

  /** Keeps lines back while a question stands on the screen. */
  hold(): void {
    this.status(null);
    this.#held ??= [];
  }

  /** Shows what was kept back. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const text of held) this.line(text);
  }

  #erase(): string {
    return this.interactive && this.#status !== null ? "\r\u001b[2K" : "";
  }

  /** One cell short of the edge, where terminals differ about wrapping. */
  #drawn(): string {
    return this.#status === null ? "" : this.paint("grey", cut(this.#status, this.width() - 1));
  }
}

/** What goes wrong is said where no pipe swallows it. */
export function complain(text: string, output: Output = process.stderr): void {
  const paint = paintWith(wantsColour(output.isTTY === true));
  output.write(`${paint("red", "sam:")} ${text}\n`);
}
