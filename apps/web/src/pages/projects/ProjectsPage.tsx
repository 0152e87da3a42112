/** Your repositories. */
import type { ReactNode } from "react";

import { Page } from "../../layout/Page.tsx";

export function ProjectsPage(): ReactNode {
  return <Page title="Projects">{null}</Page>;
}
