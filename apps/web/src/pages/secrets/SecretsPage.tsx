/** The names of your secrets. */
import type { ReactNode } from "react";

import { Page } from "../../layout/Page.tsx";

export function SecretsPage(): ReactNode {
  return <Page title="Secrets">{null}</Page>;
}
