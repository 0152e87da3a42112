/** A form that is sent by script: Enter in a field, or its button, calls `onSend`. What was refused gets the focus. */
import { type ComponentProps, type ReactNode, useEffect, useRef } from "react";

export interface FormProps extends Omit<ComponentProps<"form">, "onSubmit" | "action" | "ref"> {
  readonly onSend: () => void;
  /** What the API said of the last try; null: nothing is wrong. */
  readonly failure: unknown;
}

export function Form({ onSend, failure, ...rest }: FormProps): ReactNode {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (failure === null) return;
    form.current?.querySelector<HTMLElement>(":is(input, textarea, select)[data-invalid]")?.focus();
  }, [failure]);
  return (
    <form
      {...rest}
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSend();
      }}
    />
  );
}
