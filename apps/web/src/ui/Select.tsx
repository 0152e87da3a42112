/** One of a few. The browser's own list: on a phone it is the system's wheel, and by keyboard it needs no lesson. */
import type { ComponentProps, ReactNode } from "react";

import { cx } from "./cx.ts";
import { Icon } from "./Icon.tsx";
import { controlClass } from "./Input.tsx";

export interface SelectOption<Value extends string> {
  readonly value: Value;
  readonly label: string;
  readonly disabled?: boolean;
}

export interface SelectProps<Value extends string> extends Omit<ComponentProps<"select">, "value"> {
  readonly value: Value;
  readonly options: readonly SelectOption<Value>[];
  /** Not `onChange`: the Field around it has one of its own, for events. */
  readonly onChoose: (value: Value) => void;
}

export function Select<Value extends string>(props: SelectProps<Value>): ReactNode {
  const { value, options, onChoose, onChange, className, ...rest } = props;
  return (
    <span className="relative block">
      <select
        {...rest}
        value={value}
        onChange={(event) => {
          onChange?.(event);
          const option = options.find((candidate) => candidate.value === event.currentTarget.value);
          if (option !== undefined) onChoose(option.value);
        }}
        className={cx(controlClass, "appearance-none truncate pr-9", className)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} disabled={option.disabled ?? false}>
            {option.label}
          </option>
        ))}
      </select>
      <Icon name="down" className="pointer-events-none absolute top-1/2 right-3 size-4 -translate-y-1/2" />
    </span>
  );
}
