/** What a Dialog is made of, once it is opened: at the bottom of a phone, in the middle of a desktop. */
import { Dialog as Base } from "@base-ui/react/dialog";
import type { ReactNode } from "react";

import { cx } from "./cx.ts";
import type { DialogProps } from "./Dialog.tsx";

export function DialogBox(props: DialogProps): ReactNode {
  const { open, onOpenChange, title, description, children, actions, wide = false } = props;
  return (
    <Base.Root open={open} onOpenChange={onOpenChange}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-30 bg-scrim" />
        <Base.Popup
          className={cx(
            "fixed z-30 flex max-h-[85dvh] flex-col gap-4 overflow-y-auto border border-line bg-canvas p-4 shadow-over",
            "inset-x-0 bottom-0 rounded-t-md pb-[calc(1rem+env(safe-area-inset-bottom))]",
            "tablet:inset-x-auto tablet:top-1/2 tablet:bottom-auto tablet:left-1/2 tablet:-translate-x-1/2 tablet:-translate-y-1/2 tablet:rounded-md tablet:p-6",
            wide ? "tablet:w-[min(56rem,94vw)]" : "tablet:w-[30rem]",
          )}
        >
          <Base.Title className="text-lg font-semibold">{title}</Base.Title>
          {description !== undefined && (
            <Base.Description render={<div />} className="text-ink-quiet">
              {description}
            </Base.Description>
          )}
          {children}
          {actions !== undefined && <div className="flex flex-wrap justify-end gap-2">{actions}</div>}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
