/** The provider's whole listing: every server, and whatever else it has, of any installation and of none. */
import { isId, type NodeId } from "@sam/domain/ids";
import type { ListedThing } from "@sam/domain/ledger";
import {
  installationLabel,
  nodeLabel,
  type Provider,
  type ProviderResource,
  type ProviderServer,
} from "@sam/providers/provider";

export interface Thing extends ListedThing {
  readonly nodeId: NodeId | null;
  readonly name: string;
  /** The provider's own word. */
  readonly status: string | null;
  readonly createdAt: number | null;
  readonly sizeBytes: number | null;
}

/** Throws where any part of it cannot be had: half a listing would say of the other half that it is gone. */
export async function readListing(provider: Provider): Promise<readonly Thing[]> {
  const all = { labels: {} };
  const [servers, resources] = await Promise.all([
    provider.listServers(all),
    provider.resources === undefined ? null : provider.resources.list(all),
  ]);
  const attached = Map.groupBy(resources ?? [], ({ attachedTo }) => attachedTo);
  return [
    ...servers.map((server) => serverThing(server, resources === null ? null : (attached.get(server.id) ?? []))),
    ...(resources ?? []).map(resourceThing),
  ];
}

/** @param attached what belongs to it; null where the provider cannot say. */
function serverThing(server: ProviderServer, attached: readonly ProviderResource[] | null): Thing {
  const { id, name, providerStatus, createdAt } = server;
  const answers = attached?.map(({ holdsUnsavedWork }) => holdsUnsavedWork) ?? [];
  return {
    kind: "server",
    id,
    name,
    ...tagOf(server.labels),
    attachedTo: null,
    // Destroyed with its server.
    holdsUnsavedWork: answers.includes(true) ? true : answers.length === 0 || answers.includes(null) ? null : false,
    status: providerStatus,
    createdAt,
    sizeBytes: null,
  };
}

function resourceThing({ labels, ...resource }: ProviderResource): Thing {
  return { ...resource, ...tagOf(labels), status: null };
}

function tagOf(labels: Readonly<Record<string, string>>): Pick<Thing, "installation" | "nodeId"> {
  const node = labels[nodeLabel] ?? "";
  return { installation: labels[installationLabel] ?? null, nodeId: isId("node", node) ? node : null };
}
