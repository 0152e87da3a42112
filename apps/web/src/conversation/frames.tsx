/**
 * The three looks of a conversation. The agent's words are always behind its line and under its name; what SAM says
 * stands at the edge with SAM's sign and is set apart by its ground; what you said is yours in the accent.
 */
import { createContext, type ReactNode, useContext } from "react";

import { cx } from "../ui/cx.ts";
import { Moment } from "./Moment.tsx";

/** How a row stands to the one before: `first` of its author, `apart` from it, or `close` to it. */
export type Standing = "first" | "apart" | "close";
export const StandingContext = createContext<Standing>("first");

interface FrameProps {
  readonly label: string;
  readonly children: ReactNode;
}

export function SamSign(): ReactNode {
  return (
    <span className="mt-px inline-flex h-4 shrink-0 items-center rounded-sm bg-accent px-1 text-[0.625rem] leading-4 font-bold tracking-wider text-accent-ink">
      SAM
    </span>
  );
}

interface SamFrameProps extends FrameProps {
  readonly seq: number;
  readonly at: number;
  readonly className?: string;
}

/** SAM's own words. */
export function SamFrame({ label, seq, at, className, children }: SamFrameProps): ReactNode {
  const isFirst = useContext(StandingContext) === "first";
  return (
    <div
      role="group"
      aria-label={`SAM: ${label}`}
      data-author="sam"
      className={cx("flex items-start gap-2 bg-raised px-3 py-1", className)}
    >
      <span className={cx("flex shrink-0", !isFirst && "invisible")}>
        <SamSign />
      </span>
      <div className="min-w-0 flex-1">{children}</div>
      <Moment seq={seq} at={at} />
    </div>
  );
}

interface AgentFrameProps extends FrameProps {
  readonly name: string;
  readonly seq: number;
  readonly at: number;
}

/** An agent's words: nothing of an agent is shown outside of it. */
export function AgentFrame({ label, name, seq, at, children }: AgentFrameProps): ReactNode {
  const standing = useContext(StandingContext);
  return (
    <div
      role="group"
      aria-label={`${name}: ${label}`}
      data-author="agent"
      className={cx("border-l-2 border-line-strong pl-3", standing === "apart" && "pt-2")}
    >
      {standing === "first" && (
        <p className="flex items-baseline justify-between gap-2 pb-1 text-xs text-ink-quiet">
          <span className="font-semibold">{name}</span>
          <Moment seq={seq} at={at} />
        </p>
      )}
      {children}
    </div>
  );
}
