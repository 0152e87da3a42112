/** What an agent says, and what it thinks, which is quiet and folded. */
import { plainLine, plainText } from "@sam/domain/plain-text";
import { Component, lazy, type ReactNode, Suspense, useDeferredValue, useMemo } from "react";

import { fetchPart } from "../page-part.ts";
import { Icon } from "../ui/Icon.tsx";
import type { ProseItem as Prose } from "./item.ts";
import { useOpen } from "./open-rows.ts";
import { isUnwieldy } from "./unwieldy.ts";

const loadMarkdown = () => fetchPart(() => import("./Markdown.tsx"));
const Markdown = lazy(async () => ({ default: (await loadMarkdown()).Markdown }));

/** Asks for the part of the page that sets markdown, before the first text needs it. */
export function preloadMarkdown(): void {
  // Without it the text is shown as it was written, and it is asked for again.
  loadMarkdown().catch(() => undefined);
}

/** Setting a text that grows gives way to a key that is pressed meanwhile. */
export function ProseText({ text, isOpen }: { readonly text: string; readonly isOpen: boolean }): ReactNode {
  const plain = useDeferredValue(useMemo(() => plainText(text), [text]));
  const asWritten = <p className="text-[0.9375rem] leading-6 whitespace-pre-wrap">{plain}</p>;
  if (isUnwieldy(plain)) return asWritten;
  return (
    <ProseBoundary asWritten={asWritten}>
      <Markdown text={plain} isOpen={isOpen} />
    </ProseBoundary>
  );
}

interface ProseBoundaryProps {
  readonly asWritten: ReactNode;
  readonly children: ReactNode;
}

/** A text that cannot be set is shown as it was written: one message must not take the page with it. */
class ProseBoundary extends Component<ProseBoundaryProps, { readonly hasFailed: boolean }> {
  override readonly state = { hasFailed: false };

  static getDerivedStateFromError(): { hasFailed: boolean } {
    return { hasFailed: true };
  }

  override render(): ReactNode {
    const { asWritten, children } = this.props;
    return this.state.hasFailed ? asWritten : <Suspense fallback={asWritten}>{children}</Suspense>;
  }
}

export function ThoughtText({ item }: { readonly item: Prose }): ReactNode {
  const [isOpen, toggle] = useOpen(item.key);
  const plain = plainText(item.text);
  return (
    <div className="text-ink-quiet">
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={toggle}
        className="touch flex w-full min-w-0 items-center gap-1 rounded-sm text-left text-sm italic"
      >
        <Icon name="chevron" className={isOpen ? "size-4 shrink-0 rotate-90" : "size-4 shrink-0"} />
        <span className="min-w-0 truncate">Thought{isOpen ? "" : `: ${plainLine(plain.slice(0, 200))}`}</span>
      </button>
      {isOpen && (
        <p dir="auto" className="pb-2 pl-5 text-sm leading-5 whitespace-pre-wrap">
          {plain.trim()}
        </p>
      )}
    </div>
  );
}
