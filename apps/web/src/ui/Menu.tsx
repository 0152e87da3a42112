/** A short list of things to do, behind one button. Arrow keys move in it, Escape closes it. */
import { Menu as Base } from "@base-ui/react/menu";
import type { ReactElement, ReactNode } from "react";

import { cx } from "./cx.ts";

export interface MenuEntry {
  readonly label: string;
  readonly onSelect: () => void;
  readonly danger?: boolean;
  /** Why it cannot be chosen now; shown beside it. */
  readonly disabledBecause?: string | null;
}

export function Menu({
  trigger,
  entries,
}: {
  readonly trigger: ReactElement;
  readonly entries: readonly MenuEntry[];
}): ReactNode {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={4} align="end" className="z-30">
          <Base.Popup className="min-w-44 rounded-md border border-line bg-canvas p-1 shadow-over">
            {entries.map(({ label, onSelect, danger = false, disabledBecause = null }) => (
              <Base.Item
                key={label}
                onClick={onSelect}
                disabled={disabledBecause !== null}
                className={cx(
                  "touch flex cursor-pointer flex-col justify-center rounded-sm px-3 data-disabled:cursor-not-allowed data-disabled:text-ink-quiet data-highlighted:bg-sunken",
                  danger && "text-failed",
                )}
              >
                {label}
                {disabledBecause !== null && <span className="text-xs">{disabledBecause}</span>}
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
