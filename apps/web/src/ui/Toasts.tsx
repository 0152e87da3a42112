/** Where toasts appear: above the thumb on a phone, at the lower right on a desktop. One per page, in the shell. */
import { Toast as Base } from "@base-ui/react/toast";
import type { ReactNode } from "react";

import { Icon } from "./Icon.tsx";
import { toastManager } from "./toast-manager.ts";

function List(): ReactNode {
  const { toasts } = Base.useToastManager();
  return toasts.map((toast) => (
    <Base.Root
      key={toast.id}
      toast={toast}
      className="flex items-start gap-3 rounded-md border border-line-strong bg-canvas p-3 shadow-over"
    >
      <Base.Content className="min-w-0 flex-1">
        <Base.Title className="font-medium" />
        <Base.Description className="text-ink-quiet" />
      </Base.Content>
      <Base.Close aria-label="Close" className="touch -m-2 inline-flex items-center justify-center rounded-sm">
        <Icon name="close" />
      </Base.Close>
    </Base.Root>
  ));
}

export function Toasts(): ReactNode {
  return (
    <Base.Provider toastManager={toastManager} limit={3}>
      <Base.Portal>
        <Base.Viewport className="fixed right-3 bottom-20 left-3 z-40 flex flex-col gap-2 tablet:bottom-4 tablet:left-auto tablet:w-80">
          <List />
        </Base.Viewport>
      </Base.Portal>
    </Base.Provider>
  );
}
