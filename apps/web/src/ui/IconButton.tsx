/** A button that shows an icon alone; its name is read aloud and shown as a tooltip. */
import type { ReactNode } from "react";

import { Button, type ButtonProps } from "./Button.tsx";
import { Icon, type IconName } from "./Icon.tsx";
import { Tooltip } from "./Tooltip.tsx";

interface IconButtonProps extends Omit<ButtonProps, "aria-label" | "children" | "busy"> {
  readonly label: string;
  readonly icon: IconName;
}

export function IconButton({ label, icon, kind = "quiet", ...rest }: IconButtonProps): ReactNode {
  return (
    <Tooltip text={label}>
      <Button {...rest} kind={kind} aria-label={label} className="px-0">
        <Icon name={icon} />
      </Button>
    </Tooltip>
  );
}
