/** Deletes a secret, after saying who goes without it then. */
import type { SecretView } from "@sam/protocol/secret-api";
import { type ReactNode, useState } from "react";

import { useDeleteSecret } from "../../api/secrets.ts";
import { Button } from "../../ui/Button.tsx";
import { ConfirmDialog } from "../../ui/ConfirmDialog.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";

export function DeleteSecret({ secret }: { readonly secret: SecretView }): ReactNode {
  const [open, setOpen] = useState(false);
  const { mutate, error, isPending } = useDeleteSecret();
  const { name, keyOf } = secret;
  return (
    <>
      <Button onClick={() => setOpen(true)} aria-label={`Delete ${name}`}>
        Delete…
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={`Delete ${name}?`}
        loses={
          keyOf.length === 0
            ? "Its value. Agents that are started from now on do not have it; SAM cannot bring it back."
            : `Its value, which SAM cannot bring back. ${keyOf.join(", ")} cannot reach a model without it.`
        }
        keeps="Agents that run now keep what they were given, until they end."
        action="Delete the secret"
        busy={isPending && "Deleting"}
        error={error !== null && <ErrorNotice what="The secret was not deleted" error={error} />}
        onConfirm={() => mutate(name, { onSuccess: () => setOpen(false) })}
      />
    </>
  );
}
