/** Copies a text, and says for a moment that it did, or that the browser did not let it. */
import { type ReactNode, useEffect, useState } from "react";

import { Button } from "../ui/Button.tsx";
import { cx } from "../ui/cx.ts";
import { Icon } from "../ui/Icon.tsx";

const shownMs = 2_000;

export interface CopyButtonProps {
  readonly label: string;
  readonly text: string | (() => string);
  /** Shown beside the icon. */
  readonly children?: ReactNode;
  readonly className?: string;
}

export function CopyButton({ label, text, children, className }: CopyButtonProps): ReactNode {
  const [outcome, setOutcome] = useState<"copied" | "refused" | null>(null);
  useEffect(() => {
    if (outcome === null) return undefined;
    const timer = setTimeout(() => setOutcome(null), shownMs);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(typeof text === "string" ? text : text());
      setOutcome("copied");
    } catch {
      setOutcome("refused");
    }
  };
  return (
    <Button kind="quiet" aria-label={label} title={label} className={cx("px-2", className)} onClick={() => void copy()}>
      <Icon name={outcome === "copied" ? "check" : "copy"} />
      {children}
      <span role="status" className="sr-only">
        {outcome === null ? "" : outcome === "copied" ? "Copied" : "The browser did not let it be copied"}
      </span>
    </Button>
  );
}
