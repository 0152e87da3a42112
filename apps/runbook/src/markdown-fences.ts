/**
 * A fence is a fenced code block as CommonMark 0.31 defines it: three or more backticks or tildes, up to three spaces in,
 * at the top or inside quotes and list items, and not inside HTML or indented code.
 *
 * Our own scanner rather than a library: what decides whether commands run must say of each fence on which line it opened
 * and whether it was closed, which the libraries do not keep, and it is the smaller part of Markdown.
 */
import { htmlBlockOpenedBy, type HtmlBlock } from "./html-block.ts";
import { MarkdownLine } from "./markdown-line.ts";

export interface Fence {
  /** The line that opens it; the first line is 1. */
  readonly firstLine: number;
  /** The line that closes it, or the last line that belongs to it. */
  readonly lastLine: number;
  /** First word after the fence, as written. */
  readonly language: string;
  readonly lines: readonly string[];
  readonly isClosed: boolean;
}

/** A line that reads like the opening of a fence with a language, in a place where Markdown sees none. */
export interface Lookalike {
  readonly line: number;
  readonly language: string;
  readonly because: "html" | "indented" | "backtick";
}

export interface Fences {
  readonly fences: readonly Fence[];
  readonly lookalikes: readonly Lookalike[];
}

interface OpenFence {
  readonly firstLine: number;
  readonly marker: string;
  readonly indent: number;
  readonly language: string;
  readonly lines: string[];
}

type Container = { readonly kind: "quote" } | { readonly kind: "item"; readonly columns: number; isEmpty: boolean };
type Leaf =
  | { readonly kind: "none" | "paragraph" | "indented" }
  | { readonly kind: "fence"; readonly fence: OpenFence }
  | { readonly kind: "html"; readonly html: HtmlBlock };

const NONE: Leaf = { kind: "none" };
const CODE_INDENT = 4;
const OPENING = /^(`{3,}|~{3,})[ \t]*(\S*)/;
/** Containers deeper than this are read as text, so that a line of a million quote marks costs nothing. */
const MAX_DEPTH = 64;

/** Finds all fences of `lines` (without their line ends). */
export function findFences(lines: readonly string[]): Fences {
  const scanner = new FenceScanner();
  for (const line of lines) {
    scanner.read(line);
  }
  return scanner.end();
}

class FenceScanner {
  readonly #fences: Fence[] = [];
  readonly #lookalikes: Lookalike[] = [];
  #containers: Container[] = [];
  #leaf: Leaf = NONE;
  #line = 0;

  read(text: string): void {
    this.#line += 1;
    const line = new MarkdownLine(text);
    const matched = this.#matchContainers(line);
    const continuesAll = matched === this.#containers.length;
    if (!continuesAll && this.#leaf.kind === "fence") {
      this.#finish(this.#leaf.fence, this.#line - 1, false);
    }
    if (continuesAll && this.#leaf.kind === "fence") {
      this.#readFenceLine(line, this.#leaf.fence);
    } else if (continuesAll && this.#leaf.kind === "html") {
      this.#readHtmlLine(line, this.#leaf.html);
    } else {
      this.#readBlockStarts(line, matched);
    }
  }

  end(): Fences {
    if (this.#leaf.kind === "fence") {
      this.#finish(this.#leaf.fence, this.#line, false);
    }
    return { fences: this.#fences, lookalikes: this.#lookalikes };
  }

  /** How many of the open containers this line continues; uses up their markers. */
  #matchContainers(line: MarkdownLine): number {
    for (const [depth, container] of this.#containers.entries()) {
      if (container.kind === "quote") {
        if (!skipQuoteMarker(line)) {
          return depth;
        }
      } else if (line.isBlank) {
        // An item that starts with a blank line holds nothing after a second one.
        if (container.isEmpty) {
          return depth;
        }
        line.skipSpace(Infinity);
      } else if (line.indent >= container.columns) {
        line.skipSpace(container.columns);
        container.isEmpty = false;
      } else {
        return depth;
      }
    }
    return this.#containers.length;
  }

  #readFenceLine(line: MarkdownLine, fence: OpenFence): void {
    const closing = line.indent < CODE_INDENT ? /^(`{3,}|~{3,})[ \t]*$/.exec(line.trimmed)?.[1] : undefined;
    if (closing !== undefined && closing[0] === fence.marker[0] && closing.length >= fence.marker.length) {
      this.#finish(fence, this.#line, true);
      return;
    }
    line.skipSpace(fence.indent);
    fence.lines.push(line.rest);
  }

  #readHtmlLine(line: MarkdownLine, html: HtmlBlock): void {
    this.#noteLookalike(line, "html");
    if ((html.endsAtBlank && line.isBlank) || html.endsWith(line.trimmed)) {
      this.#leaf = NONE;
    }
  }

  #readBlockStarts(line: MarkdownLine, matched: number): void {
    const wasParagraph = this.#leaf.kind === "paragraph";
    const continuesAll = matched === this.#containers.length;
    const containers = this.#containers.slice(0, matched);
    let opened = false;
    while (line.indent < CODE_INDENT && containers.length < MAX_DEPTH) {
      const container = openContainer(line, wasParagraph && continuesAll && !opened);
      if (container === undefined) {
        break;
      }
      containers.push(container);
      opened = true;
    }
    const mayContinueParagraph = wasParagraph && !opened;
    const leaf = this.#openLeaf(line, mayContinueParagraph, continuesAll);
    if (leaf.kind === "paragraph" && mayContinueParagraph) {
      return; // also where the line lacks the markers of its containers: a lazy continuation
    }
    this.#containers = containers;
    this.#leaf = leaf;
  }

  #openLeaf(line: MarkdownLine, mayContinueParagraph: boolean, continuesAll: boolean): Leaf {
    const text = line.trimmed;
    if (text === "") {
      // A blank line does not end indented code, and what follows is told apart by its own indentation.
      return NONE;
    }
    if (line.indent >= CODE_INDENT) {
      this.#noteLookalike(line, "indented");
      return { kind: mayContinueParagraph ? "paragraph" : "indented" };
    }
    if (/^#{1,6}(?:[ \t]|$)/.test(text) || isThematicBreak(text)) {
      return NONE;
    }
    const [, marker, language = ""] = OPENING.exec(text) ?? [];
    if (marker !== undefined && !(marker.startsWith("`") && text.includes("`", marker.length))) {
      const lines: string[] = [];
      return { kind: "fence", fence: { firstLine: this.#line, marker, indent: line.indent, language, lines } };
    }
    const html = htmlBlockOpenedBy(text, mayContinueParagraph);
    if (html !== undefined) {
      this.#noteLookalike(line, "html");
      return html.endsWith(text) ? NONE : { kind: "html", html };
    }
    if (mayContinueParagraph && continuesAll && /^(?:=+|-+)[ \t]*$/.test(text)) {
      return NONE; // underlines the paragraph as a heading
    }
    this.#noteLookalike(line, "backtick");
    return { kind: "paragraph" };
  }

  #noteLookalike(line: MarkdownLine, because: Lookalike["because"]): void {
    const language = OPENING.exec(line.trimmed)?.[2];
    if (language) {
      this.#lookalikes.push({ line: this.#line, language, because });
    }
  }

  #finish(fence: OpenFence, lastLine: number, isClosed: boolean): void {
    const { firstLine, language, lines } = fence;
    this.#fences.push({ firstLine, lastLine, language, lines, isClosed });
    this.#leaf = NONE;
  }
}

function skipQuoteMarker(line: MarkdownLine): boolean {
  if (line.indent >= CODE_INDENT || !line.trimmed.startsWith(">")) {
    return false;
  }
  line.skipSpace(line.indent);
  line.skip(1);
  line.skipSpace(1);
  return true;
}

/** Opens the quote or list item that starts here, if one does, and uses up its marker. */
function openContainer(line: MarkdownLine, interruptsParagraph: boolean): Container | undefined {
  if (skipQuoteMarker(line)) {
    return { kind: "quote" };
  }
  const text = line.trimmed;
  const [, marker, number, after = ""] = /^([*+-]|(\d{1,9})[.)])([ \t].*)?$/.exec(text) ?? [];
  if (marker === undefined || isThematicBreak(text)) {
    return undefined;
  }
  const isEmpty = after.trim() === "";
  if (interruptsParagraph && (isEmpty || (number !== undefined && Number(number) !== 1))) {
    return undefined;
  }
  const markerIndent = line.indent;
  line.skipSpace(markerIndent);
  line.skip(marker.length);
  const gap = line.indent;
  // Five columns or more after the marker: one belongs to the marker, the rest is indented code.
  const padding = isEmpty || gap > CODE_INDENT ? 1 : gap;
  line.skipSpace(padding);
  return { kind: "item", columns: markerIndent + marker.length + padding, isEmpty };
}

function isThematicBreak(text: string): boolean {
  return /^(?:(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|(?:-[ \t]*){3,})$/.test(text);
}
