/** A button that shows an icon alone; its name is read aloud, and shown on hover and on focus. */
import type { ReactNode } from "react";

import { Button, type ButtonProps } from "./Button.tsx";
import { cx } from "./cx.ts";
import { Icon, type IconName } from "./Icon.tsx";

interface IconButtonProps extends Omit<ButtonProps, "aria-label" | "children" | "busy"> {
  readonly label: string;
  readonly icon: IconName;
  /** Which edges of the button and its tip are one: `start` for a button at the left of the page. */
  readonly tipAt?: "start" | "end";
}

export function IconButton({
  label,
  icon,
  kind = "quiet",
  tipAt = "end",
  className,
  ...rest
}: IconButtonProps): ReactNode {
  return (
    <Button
      {...rest}
      kind={kind}
      aria-label={label}
      data-tip={label}
      className={cx("tip px-0", tipAt === "start" ? "tip-start" : "tip-end", className)}
    >
      <Icon name={icon} />
    </Button>
  );
}
