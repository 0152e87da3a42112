/** A page that failed as a whole: what failed, and the two ways on. */
import { Link, type ErrorComponentProps } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { pathTo } from "../path-builder.ts";
import { buttonClass } from "../ui/Button.tsx";
import { ErrorNotice } from "../ui/ErrorNotice.tsx";
import { Page } from "./Page.tsx";

export function PageError({ error, reset }: ErrorComponentProps): ReactNode {
  return (
    <Page title="This page failed">
      <ErrorNotice
        what="The page could not be shown"
        error={error}
        kept="Nothing was changed by that; tasks go on."
        retry={reset}
      />
      <Link {...pathTo.home()} className={buttonClass("secondary", "self-start")}>
        Go to Home
      </Link>
    </Page>
  );
}

export function PageNotFound(): ReactNode {
  return (
    <Page title="There is nothing here" lead="The address is not one of SAM's: a part of it may be missing.">
      <Link {...pathTo.home()} className={buttonClass("secondary", "self-start")}>
        Go to Home
      </Link>
    </Page>
  );
}
