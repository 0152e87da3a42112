/**
 * The lines of an agent on the screen. Every one of them begins with a gutter that SAM draws, and is broken here and not
 * by the terminal, so that no text of an agent ever stands where SAM's own lines begin: at the left edge.
 */
import { wrap } from "../terminal/cells.ts";
import { plainText } from "../terminal/plain-text.ts";
import type { Colour } from "../terminal/style.ts";
import type { Screen } from "../terminal/terminal.ts";

export const proseGutter = "  │ ";
/** Of what an agent does, where prose has a straight line. */
export const toolGutter = "  ├ ";
const gutterCells = 4;
const readableWidth = 100;
/** An escape sequence, or a line's end of two characters, that the next chunk may complete. */
const unfinished = /(?:\r|[\u001b\u0090\u0098\u009b\u009d-\u009f][^\n]{0,80})$/;

export class AgentLines {
  readonly #screen: Screen;
  #held = "";
  #line = "";
  #colour: Colour | null = null;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** Takes the next chunk of a text; whole lines are shown, the rest waits for more of it or for `end`. */
  write(text: string, colour: Colour | null): void {
    if (colour !== this.#colour) this.end();
    this.#colour = colour;
    const raw = this.#held + text;
    const cutOff = unfinished.exec(raw)?.index ?? raw.length;
    this.#held = raw.slice(cutOff);
    this.#take(raw.slice(0, cutOff));
  }

  /** Shows what is left of the text. */
  end(): void {
    const rest = this.#held;
    this.#held = "";
    this.#take(rest);
    if (this.#line.trim() !== "") this.#show(this.#line);
    this.#line = "";
  }

  /** Lines that belong to something else than the prose, such as the output of a tool. */
  block(text: string, colour: Colour | null): void {
    this.end();
    for (const line of plainText(text).split("\n")) {
      for (const part of wrap(line, this.#width() - 2)) this.#emit(`  ${part}`, colour);
    }
  }

  #take(raw: string): void {
    const [first = "", ...others] = plainText(raw).split("\n");
    this.#line += first;
    for (const next of others) {
      this.#show(this.#line);
      this.#line = next;
    }
    // A long line is shown as far as it is sure how it breaks.
    const parts = wrap(this.#line, this.#width());
    for (const part of parts.slice(0, -1)) this.#emit(part, this.#colour);
    this.#line = parts.at(-1) ?? "";
  }

  #show(line: string): void {
    for (const part of wrap(line, this.#width())) this.#emit(part, this.#colour);
  }

  #emit(line: string, colour: Colour | null): void {
    const { paint } = this.#screen;
    const text = line.trimEnd();
    this.#screen.line(`${paint("grey", proseGutter)}${colour === null ? text : paint(colour, text)}`.trimEnd());
  }

  #width(): number {
    return Math.min(readableWidth, this.#screen.width() - gutterCells - 1);
  }
}
