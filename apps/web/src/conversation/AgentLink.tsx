/** A link that an agent wrote, and an image, which is a link too: nothing is loaded from elsewhere by showing a text. */
import type { MouseEvent, ReactNode } from "react";

import { useAskBeforeLeaving } from "./Leaving.tsx";
import { linkTarget, type LinkTarget } from "./link-target.ts";

interface AgentLinkProps {
  readonly href?: string | undefined;
  readonly children?: ReactNode;
}

export function AgentLink({ href, children }: AgentLinkProps): ReactNode {
  const target = linkTarget(href);
  // What is no link is named in full, where it says more than the text.
  return target === null ? <span title={href}>{children}</span> : <Asking target={target}>{children}</Asking>;
}

interface AgentImageProps {
  readonly src?: unknown;
  readonly alt?: string | undefined;
}

export function AgentImage({ src, alt }: AgentImageProps): ReactNode {
  const target = linkTarget(src);
  const what = alt === undefined || alt === "" ? "image" : `image “${alt}”`;
  if (target === null) return <span className="text-ink-quiet">[{what}, not shown]</span>;
  return <Asking target={target}>{`${what}: ${target.host}/… (not loaded)`}</Asking>;
}

function Asking({ target, children }: { readonly target: LinkTarget; readonly children: ReactNode }): ReactNode {
  const ask = useAskBeforeLeaving();
  const follow = (event: MouseEvent) => {
    // With a key held the reader asks for a new tab, and has seen the address in the browser's own line.
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    ask(target);
  };
  return (
    <a
      href={target.href}
      title={target.href}
      target="_blank"
      rel="noopener noreferrer nofollow"
      onClick={follow}
      className="text-accent underline decoration-1 underline-offset-2"
    >
      {children}
    </a>
  );
}
