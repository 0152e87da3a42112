/** What it costs while it waits: the price of the machine that it keeps, where the catalog says it. */
import type { NodeId } from "@sam/domain/ids";
import type { ReactNode } from "react";

import { useNodes } from "../../api/nodes.ts";
import { isPriced, priceText } from "../../status/machine-words.ts";
import { Age } from "../../ui/Age.tsx";

export function Meanwhile({ nodeId }: { readonly nodeId: NodeId | null }): ReactNode {
  const { data } = useNodes();
  const node = data?.nodes.find((candidate) => candidate.nodeId === nodeId);
  if (node === undefined) return null;
  return (
    <>
      {" · "}its machine {priceText(node.machine)}
      {isPriced(node.machine) && (
        <>
          , catalog read <Age at={node.machine.readAt} />
        </>
      )}
    </>
  );
}
