/** What a Sheet is made of, once it is opened. */
import { Dialog as Base } from "@base-ui/react/dialog";
import type { ReactNode } from "react";

import { IconButton } from "./IconButton.tsx";
import type { SheetProps } from "./Sheet.tsx";

export function SheetBox({ open, onOpenChange, title, children }: SheetProps): ReactNode {
  return (
    <Base.Root open={open} onOpenChange={onOpenChange}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-30 bg-scrim" />
        <Base.Popup className="fixed inset-x-0 bottom-0 z-30 flex max-h-[88dvh] flex-col rounded-t-md border border-line bg-canvas shadow-over tablet:inset-y-0 tablet:right-0 tablet:left-auto tablet:max-h-none tablet:w-[28rem] tablet:rounded-none">
          <div className="flex items-center justify-between gap-2 border-b border-line py-1 pr-2 pl-4">
            <Base.Title className="text-base font-semibold">{title}</Base.Title>
            <IconButton label="Close" icon="close" onClick={() => onOpenChange(false)} />
          </div>
          <div className="min-h-0 overflow-y-auto overscroll-contain p-4 pb-[calc(1rem+env(safe-area-inset-bottom))]">
            {children}
          </div>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
