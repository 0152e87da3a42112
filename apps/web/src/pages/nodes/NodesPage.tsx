/** The machines. */
import type { ReactNode } from "react";

import { Page } from "../../layout/Page.tsx";

export function NodesPage(): ReactNode {
  return <Page title="Nodes">{null}</Page>;
}
