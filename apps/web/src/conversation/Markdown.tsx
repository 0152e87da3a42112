/**
 * An agent's markdown. It is untrusted: HTML stays text, links say where they lead, images are not loaded, and nothing in
 * it is fetched, run or drawn by a plug-in. Headings are made small, so that none passes for one of the page.
 */
import type { ComponentProps, ReactNode } from "react";
import { defaultRehypePlugins, defaultRemarkPlugins, Streamdown } from "streamdown";

import { AgentImage, AgentLink } from "./AgentLink.tsx";
import { CodeBlock } from "./CodeBlock.tsx";
import { rawAsText } from "./raw-as-text.ts";

import "./markdown.css";

type StreamdownProps = ComponentProps<typeof Streamdown>;

const { sanitize } = defaultRehypePlugins;
const rehypePlugins = [rawAsText, ...(sanitize === undefined ? [] : [sanitize])];
const remarkPlugins = Object.values(defaultRemarkPlugins);

const components: NonNullable<StreamdownProps["components"]> = {
  a: ({ href, children }) => <AgentLink href={href}>{children}</AgentLink>,
  img: ({ src, alt }) => <AgentImage src={src} alt={alt} />,
  pre: ({ children }) => <CodeBlock>{children}</CodeBlock>,
  table: ({ children }) => (
    <div className="overflow-x-auto">
      <table>{children}</table>
    </div>
  ),
  h1: "h3",
  h2: "h4",
  h3: "h5",
  h4: "h6",
  h5: "h6",
  h6: "h6",
  p: "p",
  ul: "ul",
  ol: "ol",
  li: "li",
  blockquote: "blockquote",
  hr: "hr",
  strong: "strong",
  code: "code",
  thead: "thead",
  tbody: "tbody",
  tr: "tr",
  th: "th",
  td: "td",
  sup: "sup",
  sub: "sub",
  section: "section",
};

/** Addresses are judged where they are shown; here none is changed. */
const keepUrl = (url: string) => url;

export interface MarkdownProps {
  /** Plain text already: without controls and marks of direction. */
  readonly text: string;
  /** More may come: what is not closed yet is shown as if it were. */
  readonly isOpen: boolean;
}

export function Markdown({ text, isOpen }: MarkdownProps): ReactNode {
  return (
    <Streamdown
      className="markdown"
      dir="auto"
      parseIncompleteMarkdown={isOpen}
      rehypePlugins={rehypePlugins}
      remarkPlugins={remarkPlugins}
      components={components}
      urlTransform={keepUrl}
      controls={false}
      linkSafety={noModal}
    >
      {text}
    </Streamdown>
  );
}

const noModal = { enabled: false };
