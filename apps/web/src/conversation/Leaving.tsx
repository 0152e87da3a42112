/** Before a link of an agent is followed, it is shown where it leads. One question for all links of a page. */
import { createContext, type ReactNode, useContext, useMemo, useState } from "react";

import { buttonClass, Button } from "../ui/Button.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import type { LinkTarget } from "./link-target.ts";

const AskContext = createContext<(target: LinkTarget) => void>(() => undefined);

/** @returns what asks before a link is followed. */
export function useAskBeforeLeaving(): (target: LinkTarget) => void {
  return useContext(AskContext);
}

export function Leaving({ children }: { readonly children: ReactNode }): ReactNode {
  const [target, setTarget] = useState<LinkTarget | null>(null);
  const ask = useMemo(() => (next: LinkTarget) => setTarget(next), []);
  const close = () => setTarget(null);
  return (
    <AskContext value={ask}>
      {children}
      <Dialog
        open={target !== null}
        onOpenChange={close}
        title="This link leads out of SAM"
        actions={
          target !== null && (
            <>
              <Button onClick={close}>Stay here</Button>
              <a
                href={target.href}
                target="_blank"
                rel="noopener noreferrer nofollow"
                onClick={close}
                className={buttonClass("primary")}
              >
                Open in a new tab
              </a>
            </>
          )
        }
      >
        {target !== null && (
          <p>
            An agent wrote it. It leads to <strong className="font-semibold">{target.host}</strong>:
            <span className="mt-2 block max-h-40 overflow-y-auto rounded-sm bg-sunken p-2 font-mono text-xs">
              {target.href}
            </span>
          </p>
        )}
      </Dialog>
    </AskContext>
  );
}
