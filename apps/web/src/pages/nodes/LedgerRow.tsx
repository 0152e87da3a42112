/** One thing that the provider lists: what it is, whose, since when, and what is done about it when. */
import { plainLine } from "@sam/domain/plain-text";
import type { LedgerEntryView } from "@sam/protocol/ledger-api";
import type { ReactNode } from "react";

import { nextWords, statusOfEntry } from "../../status/ledger-status.ts";
import { Age } from "../../ui/Age.tsx";
import { Status } from "../../ui/Status.tsx";
import { DestroyListed } from "./DestroyListed.tsx";

export function LedgerRow({ entry }: { readonly entry: LedgerEntryView }): ReactNode {
  const { kind, id, name, status, createdAt, why, attachedTo, lastError, tries } = entry;
  const { meaning, word, since } = statusOfEntry(entry);
  const words = nextWords(entry);
  return (
    <li className="flex flex-col items-start gap-2 py-3 tablet:flex-row tablet:justify-between tablet:gap-4">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-3">
          <Status meaning={meaning} word={word} />
          {since !== null && <Age at={since} />}
        </p>
        <p className="break-words">
          {kind} <span className="font-mono text-xs">{plainLine(id)}</span>
          {name !== id && ` (${plainLine(name)})`}
          {status !== null && `, the provider says ${plainLine(status)}`}
          {attachedTo !== null && `, of the server ${attachedTo}`}
          {createdAt !== null && (
            <>
              , made <Age at={createdAt} />
            </>
          )}
        </p>
        <p className="break-words text-ink-quiet">
          {sentence(plainLine(why))} {words}
          {words === null && entry.destroyAt !== null && (
            <>
              It is destroyed <Age at={entry.destroyAt} />, with the next listing then, unless a node turns out to own
              it.
            </>
          )}
        </p>
        {lastError !== null && (
          <p className="break-words text-failed">
            Its destruction failed, {tries} {tries === 1 ? "time" : "times"} so far, and is tried again:{" "}
            {plainLine(lastError)}
          </p>
        )}
      </div>
      <DestroyListed entry={entry} />
    </li>
  );
}

/** An id at its beginning stays as it is written. */
function sentence(words: string): string {
  return /^[a-z]+_/.test(words) ? `${words}.` : `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
