/** A status: a shape, a word and a colour, by their one meaning. */
import type { ReactNode } from "react";

import { type Meaning, meaningWords } from "../status/meaning.ts";
import { cx } from "./cx.ts";

const colours: Record<Meaning, string> = {
  done: "text-done",
  active: "text-active",
  yours: "text-yours",
  failed: "text-failed",
  unknown: "text-unknown",
};

/** Each can be told from the others without colour: a tick in a disc, a half ring, a diamond, a cross in a square, dashes. */
const shapes: Record<Meaning, ReactNode> = {
  done: (
    <>
      <circle cx="8" cy="8" r="7" fill="currentColor" />
      <path d="M4.8 8.2 7 10.4l4.2-4.6" fill="none" stroke="var(--canvas)" strokeWidth="1.8" strokeLinecap="round" />
    </>
  ),
  active: (
    <>
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="2" />
      <path d="M8 4.5a3.5 3.5 0 0 1 0 7z" fill="currentColor" />
    </>
  ),
  yours: (
    <>
      <path d="M8 .8 15.2 8 8 15.2.8 8z" fill="currentColor" />
      <path d="M8 4.6v4M8 11v.01" stroke="var(--canvas)" strokeWidth="1.8" strokeLinecap="round" />
    </>
  ),
  failed: (
    <>
      <rect x="1" y="1" width="14" height="14" rx="2" fill="currentColor" />
      <path d="M5.2 5.2l5.6 5.6M10.8 5.2l-5.6 5.6" stroke="var(--canvas)" strokeWidth="1.8" strokeLinecap="round" />
    </>
  ),
  unknown: <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="2" strokeDasharray="2.6 2.1" />,
};

export function StatusShape({
  meaning,
  className,
}: {
  readonly meaning: Meaning;
  readonly className?: string;
}): ReactNode {
  return (
    <svg
      viewBox="0 0 16 16"
      width="16"
      height="16"
      aria-hidden="true"
      className={cx("shrink-0", colours[meaning], className)}
    >
      {shapes[meaning]}
    </svg>
  );
}

export interface StatusProps {
  readonly meaning: Meaning;
  readonly word: ReactNode;
  readonly className?: string;
}

export function Status({ meaning, word, className }: StatusProps): ReactNode {
  return (
    <span
      className={cx("inline-flex items-center gap-1.5 font-medium", colours[meaning], className)}
      title={meaningWords[meaning]}
    >
      <StatusShape meaning={meaning} />
      <span>{word}</span>
    </span>
  );
}
