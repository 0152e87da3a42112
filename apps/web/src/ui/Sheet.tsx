/** What is one press away: from the bottom on a phone, at the right on a desktop. Escape closes it. */
import type { ReactNode } from "react";

import { lazyWhenOpened } from "./lazy-part.tsx";

export interface SheetProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: ReactNode;
  readonly children: ReactNode;
}

export const Sheet = lazyWhenOpened<SheetProps>(async () => (await import("./SheetBox.tsx")).SheetBox);
