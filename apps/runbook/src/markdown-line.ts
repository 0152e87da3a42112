/**
 * A markdown line is a cursor over one line of text that counts columns as CommonMark does: a tab reaches to the next
 * multiple of four, and may be used up in part by the containers (quotes, list items) that the line continues.
 */
const TAB_STOP = 4;

export class MarkdownLine {
  readonly #text: string;
  #offset = 0;
  #column = 0;
  /** Columns of a tab that a container has not used up. */
  #spareColumns = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Columns of white space in front of the next character. */
  get indent(): number {
    let columns = this.#spareColumns;
    let column = this.#column + this.#spareColumns;
    for (let at = this.#offset; at < this.#text.length; at += 1) {
      const width = widthOfSpace(this.#text[at], column);
      if (width === 0) {
        break;
      }
      columns += width;
      column += width;
    }
    return columns;
  }

  get isBlank(): boolean {
    return this.trimmed === "";
  }

  /** What is left of the line, without the white space in front of it. */
  get trimmed(): string {
    return this.#text.slice(this.#offset).replace(/^[ \t]+/, "");
  }

  /** What is left of the line; the rest of a tab that was used up in part counts as spaces. */
  get rest(): string {
    return " ".repeat(this.#spareColumns) + this.#text.slice(this.#offset);
  }

  /** Uses up at most `columns` columns of white space. */
  skipSpace(columns: number): void {
    let wanted = columns;
    while (wanted > 0) {
      if (this.#spareColumns > 0) {
        const used = Math.min(wanted, this.#spareColumns);
        this.#spareColumns -= used;
        this.#column += used;
        wanted -= used;
        continue;
      }
      const width = widthOfSpace(this.#text[this.#offset], this.#column);
      if (width === 0) {
        return;
      }
      this.#offset += 1;
      this.#spareColumns = width;
    }
  }

  /** Uses up `characters` characters, none of which is a tab. */
  skip(characters: number): void {
    this.#offset += characters;
    this.#column += characters;
  }
}

function widthOfSpace(character: string | undefined, column: number): number {
  if (character === " ") {
    return 1;
  }
  return character === "\t" ? TAB_STOP - (column % TAB_STOP) : 0;
}
