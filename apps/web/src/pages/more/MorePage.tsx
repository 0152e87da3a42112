/** Everything that is not worth a place in the bar. */
import type { ReactNode } from "react";

import { Page } from "../../layout/Page.tsx";

export function MorePage(): ReactNode {
  return <Page title="More">{null}</Page>;
}
