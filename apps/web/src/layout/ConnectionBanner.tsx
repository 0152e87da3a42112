/** Says since when the API has not answered, and what is still true. Nothing else on the page is taken away for it. */
import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { useConnection } from "../api/connection.ts";
import { useNow } from "../time/clock.ts";
import { ageText, clockText } from "../time/words.ts";
import { Button } from "../ui/Button.tsx";
import { StatusShape } from "../ui/Status.tsx";

export function ConnectionBanner(): ReactNode {
  const { offlineSince } = useConnection();
  return offlineSince === null ? null : <Offline since={offlineSince} />;
}

function Offline({ since }: { readonly since: number }): ReactNode {
  const now = useNow();
  const client = useQueryClient();
  return (
    <div
      role="status"
      className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-dashed border-line-strong bg-unknown-soft px-4 py-2"
    >
      <StatusShape meaning="unknown" />
      <p className="min-w-0 flex-1">
        <strong className="font-medium">
          Offline since {clockText(since, now)} ({ageText(since, Math.max(now, since))}).
        </strong>{" "}
        What you see was true then.
        <span className="hidden tablet:inline"> Tasks go on where SAM runs; it is asked again every few seconds.</span>
      </p>
      <Button onClick={() => void client.refetchQueries({ type: "active" })}>Ask now</Button>
    </div>
  );
}
