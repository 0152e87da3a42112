/** What needs you, what runs, what ended, over all projects. */
import type { ReactNode } from "react";

import { Page } from "../../layout/Page.tsx";

export function HomePage(): ReactNode {
  return <Page title="Home">{null}</Page>;
}
