/**
 * An HTML block is a run of lines that Markdown hands through as HTML, and in which a fence is no fence: a block of
 * commands that someone commented out must stay out. The seven kinds are those of CommonMark 0.31, section 4.6.
 */
export interface HtmlBlock {
  /** True if this line is the last of the block; given the line without its containers. */
  readonly endsWith: (line: string) => boolean;
  /** Kinds 6 and 7 end before a blank line, the others only where `endsWith` says. */
  readonly endsAtBlank: boolean;
}

const BLOCK_TAGS =
  "address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|" +
  "fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|" +
  "menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|" +
  "track|ul";
const ATTRIBUTE = `[ \\t]+[A-Za-z_:][\\w.:-]*(?:[ \\t]*=[ \\t]*(?:[^\\s"'=<>\`]+|'[^']*'|"[^"]*"))?`;
const ONE_TAG = new RegExp(
  `^(?:<[A-Za-z][A-Za-z0-9-]*(?:${ATTRIBUTE})*[ \\t]*/?>|</[A-Za-z][A-Za-z0-9-]*[ \\t]*>)[ \\t]*$`,
);

const UNTIL_END: readonly { start: RegExp; end: RegExp }[] = [
  { start: /^<(?:script|pre|textarea|style)(?:[\s>]|$)/i, end: /<\/(?:script|pre|textarea|style)>/i },
  { start: /^<!--/, end: /-->/ },
  { start: /^<\?/, end: /\?>/ },
  { start: /^<![A-Za-z]/, end: />/ },
  { start: /^<!\[CDATA\[/, end: /\]\]>/ },
];
const BLOCK_TAG = new RegExp(`^</?(?:${BLOCK_TAGS})(?:\\s|/?>|$)`, "i");

/** The HTML block that `text` (a line without its indentation) opens, if it opens one. */
export function htmlBlockOpenedBy(text: string, interruptsParagraph: boolean): HtmlBlock | undefined {
  if (!text.startsWith("<")) {
    return undefined;
  }
  for (const { start, end } of UNTIL_END) {
    if (start.test(text)) {
      return { endsWith: (line) => end.test(line), endsAtBlank: false };
    }
  }
  const untilBlank = BLOCK_TAG.test(text) || (!interruptsParagraph && ONE_TAG.test(text));
  return untilBlank ? { endsWith: () => false, endsAtBlank: true } : undefined;
}
