/** Shown in the place of every page while the API knows no session of this browser. */
import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { useSession } from "../api/session.ts";
import { Button } from "../ui/Button.tsx";
import { Code } from "../ui/Code.tsx";
import { Page } from "./Page.tsx";

const pollMs = 5_000;

export function SignInNeeded(): ReactNode {
  const client = useQueryClient();
  // Signed in by another tab, the page that was asked for comes by itself.
  useSession(pollMs);
  return (
    <Page
      title="Sign in"
      lead="This browser has no session at this address, or it has ended, or what the page kept of it was cleared. Nothing of your tasks is lost: they go on."
    >
      <ol className="measure flex list-decimal flex-col gap-2 pl-6">
        <li>
          On the machine that runs SAM, run <Code>sam open</Code>, or <Code>npm run sam -- open</Code> in its folder. It
          prints a link.
        </li>
        <li>Open that link in this browser. It works once, for 15 minutes.</li>
      </ol>
      <div>
        <Button onClick={() => void client.refetchQueries()}>I have signed in elsewhere: look again</Button>
      </div>
    </Page>
  );
}
