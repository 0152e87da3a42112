/** A thing to press. One primary at a time on a surface; `danger` is for what loses something. */
import type { ComponentProps, ReactNode } from "react";

import { cx } from "./cx.ts";

export const buttonKinds = ["primary", "secondary", "quiet", "danger"] as const;
export type ButtonKind = (typeof buttonKinds)[number];

const looks: Record<ButtonKind, string> = {
  primary: "border-accent bg-accent text-accent-ink hover:not-disabled:opacity-90",
  secondary: "border-line-strong bg-canvas text-ink hover:bg-sunken",
  quiet: "border-transparent text-ink hover:bg-sunken",
  danger: "border-failed bg-canvas text-failed hover:bg-failed-soft",
};

/** The classes of a button, for a link or a Base UI trigger that looks like one. */
export function buttonClass(kind: ButtonKind = "secondary", className?: string): string {
  return cx(
    "touch inline-flex shrink-0 items-center justify-center gap-2 rounded-md border px-3 text-sm font-medium no-underline",
    "select-none disabled:cursor-not-allowed disabled:border-line disabled:bg-sunken disabled:text-ink-quiet",
    looks[kind],
    className,
  );
}

export interface ButtonProps extends Omit<ComponentProps<"button">, "disabled"> {
  readonly kind?: ButtonKind;
  readonly disabled?: boolean | undefined;
  /** What is going on since it was pressed, such as "Submitting"; the button cannot be pressed again meanwhile. */
  readonly busy?: string | false | null;
}

export function Button({ kind, busy, disabled, className, children, type, ...rest }: ButtonProps): ReactNode {
  const isBusy = typeof busy === "string";
  return (
    <button
      {...rest}
      type={type ?? "button"}
      disabled={disabled === true || isBusy}
      aria-busy={isBusy || undefined}
      className={buttonClass(kind, className)}
    >
      {isBusy ? `${busy}…` : children}
    </button>
  );
}
