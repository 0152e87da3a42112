/** The agents, and what each needs. */
import type { ReactNode } from "react";

import { Page } from "../../layout/Page.tsx";

export function AgentsPage(): ReactNode {
  return <Page title="Agents">{null}</Page>;
}
