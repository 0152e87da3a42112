/** One task, live. */
import type { ReactNode } from "react";

import { Page } from "../../layout/Page.tsx";

export function TaskPage(): ReactNode {
  return <Page title="Task">{null}</Page>;
}
