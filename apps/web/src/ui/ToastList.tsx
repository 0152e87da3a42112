/** What toasts are made of: above the thumb on a phone, at the lower right on a desktop. Read aloud when they come. */
import { Toast as Base } from "@base-ui/react/toast";
import { type ReactNode, useEffect } from "react";

import { Icon } from "./Icon.tsx";
import { subscribeToToasts, takeToasts } from "./say-toast.ts";

const shownMs = 6_000;
const atMost = 3;

export function ToastList(): ReactNode {
  return (
    <Base.Provider limit={atMost} timeout={shownMs}>
      <Base.Portal>
        <Base.Viewport className="fixed right-3 bottom-20 left-3 z-40 flex flex-col gap-2 tablet:bottom-4 tablet:left-auto tablet:w-80">
          <Shown />
        </Base.Viewport>
      </Base.Portal>
    </Base.Provider>
  );
}

function Shown(): ReactNode {
  const { toasts, add } = Base.useToastManager();
  useEffect(() => {
    const show = () => {
      for (const { title, description } of takeToasts())
        add({ title, ...(description === null ? {} : { description }) });
    };
    show();
    return subscribeToToasts(show);
  }, [add]);
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
