/** A question in front of the page. Escape and a press outside close it; focus goes back to where it was. */
import type { ReactNode } from "react";

import { lazyWhenOpened } from "./lazy-part.tsx";

export interface DialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: ReactNode;
  readonly description?: ReactNode;
  readonly children?: ReactNode;
  /** The buttons: the safe one first. */
  readonly actions?: ReactNode;
  readonly wide?: boolean;
}

export const Dialog = lazyWhenOpened<DialogProps>(async () => (await import("./DialogBox.tsx")).DialogBox);
