/** The controls of a form, as they look everywhere. Wrap them in a Field, which labels them. */
import type { ComponentProps, ReactNode } from "react";

import { cx } from "./cx.ts";

export const controlClass =
  "touch w-full rounded-md border border-line-strong bg-canvas px-3 py-1.5 text-ink placeholder:text-ink-quiet aria-invalid:border-failed data-invalid:border-failed disabled:bg-sunken disabled:text-ink-quiet";

export function Input({ className, ...rest }: ComponentProps<"input">): ReactNode {
  return <input {...rest} className={cx(controlClass, className)} />;
}

/** Grows with its text, up to half of the screen. */
export function Textarea({ className, ...rest }: ComponentProps<"textarea">): ReactNode {
  return (
    <textarea
      {...rest}
      className={cx(controlClass, "field-sizing-content max-h-[50dvh] min-h-24 resize-none", className)}
    />
  );
}

export interface CodeInputProps extends Omit<ComponentProps<"input">, "value" | "onChange"> {
  readonly value: string;
  readonly onText: (text: string) => void;
}

/** For names, commands and addresses: monospace, and no browser "mends" what is typed. */
export function CodeInput({ onText, className, ...rest }: CodeInputProps): ReactNode {
  return (
    <Input
      autoComplete="off"
      autoCapitalize="off"
      autoCorrect="off"
      spellCheck={false}
      {...rest}
      onChange={({ currentTarget }) => onText(currentTarget.value)}
      className={cx("font-mono", className)}
    />
  );
}
