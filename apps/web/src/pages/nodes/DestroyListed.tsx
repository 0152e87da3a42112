/** Destroys something that is ours and no node's before its time, after saying what goes with it. */
import type { LedgerEntryView } from "@sam/protocol/ledger-api";
import { type ReactNode, useState } from "react";

import { useDestroyListed } from "../../api/ledger.ts";
import { Button } from "../../ui/Button.tsx";
import { Code } from "../../ui/Code.tsx";
import { ConfirmDialog } from "../../ui/ConfirmDialog.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";

export function DestroyListed({ entry }: { readonly entry: LedgerEntryView }): ReactNode {
  const [open, setOpen] = useState(false);
  const { mutate, error, isPending } = useDestroyListed();
  const { kind, id, verdict, mayDestroy } = entry;
  if (!mayDestroy) return null;
  return (
    <>
      <Button onClick={() => setOpen(true)}>Destroy…</Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={`Destroy this ${kind}?`}
        loses={
          <>
            <Code>{id}</Code> and everything on it
            {verdict === "kept" &&
              ", also the work that is saved nowhere else (workspaces that stand, and refs/sam/wip)"}
            .
          </>
        }
        keeps="Everything that was pushed."
        action={`Destroy the ${kind}`}
        busy={isPending && "Destroying"}
        error={error !== null && <ErrorNotice what={`The ${kind} was not destroyed`} error={error} />}
        onConfirm={() => mutate(entry, { onSuccess: () => setOpen(false) })}
      />
    </>
  );
}
