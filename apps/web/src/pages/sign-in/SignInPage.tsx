/** Takes the one-time token of a link and makes a session of it. */
import type { ReactNode } from "react";

import { Page } from "../../layout/Page.tsx";

export function SignInPage(): ReactNode {
  return <Page title="Sign in">{null}</Page>;
}
