/** One project: its tasks, the box to submit one, its settings. */
import type { ReactNode } from "react";

import { Page } from "../../layout/Page.tsx";

export function ProjectPage(): ReactNode {
  return <Page title="Project">{null}</Page>;
}
