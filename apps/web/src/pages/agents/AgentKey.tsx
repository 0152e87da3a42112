/** Whether the key of an agent's model is set, and the way to set it in place. */
import type { AgentView } from "@sam/protocol/agent-api";
import { type ReactNode, useState } from "react";

import { Button } from "../../ui/Button.tsx";
import { Code } from "../../ui/Code.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { SetSecretForm } from "../secrets/SetSecretForm.tsx";

export function AgentKey({ agent }: { readonly agent: AgentView }): ReactNode {
  const [open, setOpen] = useState(false);
  const { keyName, keyIsSet, name } = agent;
  if (keyName === null) return "it needs none";
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <span>
        <Code>{keyName}</Code> {keyIsSet ? "is set" : "is not set"}
      </span>
      <Button kind={keyIsSet ? "quiet" : "secondary"} className="-my-2" onClick={() => setOpen(true)}>
        {keyIsSet ? "Replace…" : "Set it…"}
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={`${keyIsSet ? "Replace" : "Set"} ${keyName}`}
        description={`${name} reaches its model with it, through SAM's gateway: the agent itself never sees it.`}
      >
        <SetSecretForm fixedName={keyName} names={keyIsSet ? [keyName] : []} onDone={() => setOpen(false)} />
      </Dialog>
    </div>
  );
}
