/** Says that the stream is cut: since when, and when it is dialled again. A moment's cut is not worth a word. */
import type { ReactNode } from "react";

import { useConnection } from "../../api/connection.ts";
import type { LinkState } from "../../conversation/live-link.ts";
import { useNow } from "../../time/clock.ts";
import { clockText, durationText } from "../../time/words.ts";
import { StatusShape } from "../../ui/Status.tsx";

const patienceMs = 2_000;

export function LinkNotice({ link }: { readonly link: LinkState }): ReactNode {
  const { offlineSince } = useConnection();
  // Where nothing of SAM can be reached, the frame says so.
  if (link.kind === "live" || link.lostAt === null || offlineSince !== null) return null;
  return <Cut link={link} lostAt={link.lostAt} />;
}

function Cut({ link, lostAt }: { readonly link: LinkState; readonly lostAt: number }): ReactNode {
  const now = useNow();
  if (now - lostAt < patienceMs) return null;
  const next =
    link.kind === "waiting"
      ? `dialled again in ${durationText(Math.max(0, link.dialsAt - now))}`
      : "being dialled again";
  return (
    <p
      role="status"
      className="flex items-center gap-2 border-t border-dashed border-line-strong bg-unknown-soft px-4 py-1 text-xs"
    >
      <StatusShape meaning="unknown" />
      <span>
        Not live since {clockText(lostAt, now)} ({durationText(now - lostAt)}); {next}. Nothing is lost: what comes
        meanwhile is shown then.
      </span>
    </p>
  );
}
