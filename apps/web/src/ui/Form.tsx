/** A form that is sent by script: Enter in a field, or its button, calls `onSend`. */
import type { ComponentProps, ReactNode } from "react";

export interface FormProps extends Omit<ComponentProps<"form">, "onSubmit" | "action"> {
  readonly onSend: () => void;
}

export function Form({ onSend, ...rest }: FormProps): ReactNode {
  return (
    <form
      {...rest}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSend();
      }}
    />
  );
}
