/** A labelled control with a hint and its error, tied together for those who cannot see it. */
import { Field as Base } from "@base-ui/react/field";
import type { ReactElement, ReactNode } from "react";

export interface FieldProps {
  readonly label: string;
  /** The field's path in a request, such as `repository.url`; problems of the API are found by it. */
  readonly name?: string;
  readonly hint?: ReactNode;
  readonly error?: string | null | undefined;
  /** An `<Input>`, `<Textarea>` or `<Select>`. */
  readonly children: ReactElement;
  readonly className?: string;
}

export function Field({ label, name, hint, error, children, className }: FieldProps): ReactNode {
  const failed = error !== null && error !== undefined && error !== "";
  const subject = label.endsWith("?") ? "This" : label;
  return (
    <Base.Root
      {...(name === undefined ? {} : { name })}
      invalid={failed}
      className={className ?? "flex flex-col gap-1"}
    >
      <Base.Label className="text-sm font-medium">{label}</Base.Label>
      <Base.Control render={children} />
      {hint !== undefined && <Base.Description className="text-xs text-ink-quiet">{hint}</Base.Description>}
      {failed && (
        <Base.Error match className="text-sm text-failed">
          {subject} {error}
        </Base.Error>
      )}
    </Base.Root>
  );
}
