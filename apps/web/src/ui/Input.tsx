/** The controls of a form, as they look everywhere. Wrap them in a Field, which labels them. */
import type { ComponentProps, ReactNode } from "react";

import { cx } from "./cx.ts";

export const controlClass =
  "touch w-full rounded-md border border-line-strong bg-canvas px-3 py-1.5 text-ink placeholder:text-ink-quiet aria-invalid:border-failed data-invalid:border-failed disabled:opacity-55";

export function Input({ className, ...rest }: ComponentProps<"input">): ReactNode {
  return <input {...rest} className={cx(controlClass, className)} />;
}

/** Grows with its text; `mono` for commands. */
export function Textarea({ className, ...rest }: ComponentProps<"textarea">): ReactNode {
  return (
    <textarea {...rest} className={cx(controlClass, "field-sizing-content max-h-[50dvh] resize-none", className)} />
  );
}
