/**
 * A provider is whoever hands out servers: a cloud, or this machine. An adapter implements this port for one of them and
 * passes the contract suite. A label on every server says which installation and which node it belongs to, so that a
 * listing by label finds what a failed create left behind.
 */

/** What the provider says of a server. `unknown`: a word that the adapter has no meaning for; see `providerStatus`. */
export const serverStatuses = ["initializing", "starting", "running", "off", "deleting", "unknown"] as const;
export type ServerStatus = (typeof serverStatuses)[number];

export interface ProviderServer {
  /** The provider's own id; opaque. */
  readonly id: string;
  readonly name: string;
  readonly status: ServerStatus;
  /** The provider's own word for the status, for display only. */
  readonly providerStatus: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly machineType: string;
  readonly location: string;
  /** Milliseconds since 1970, by the provider's clock. */
  readonly createdAt: number;
}

/** One offer of the catalog. What the provider doesn't say is null: it is never made up. */
export interface MachineType {
  readonly name: string;
  readonly description: string;
  readonly vcpu: number | null;
  readonly memoryBytes: number | null;
  readonly diskBytes: number | null;
  readonly locations: readonly string[];
  readonly monthlyPrice: { readonly amount: number; readonly currency: string } | null;
}

export interface Catalog {
  /** Who said so. */
  readonly source: string;
  /** Milliseconds since 1970. */
  readonly readAt: number;
  readonly machineTypes: readonly MachineType[];
}

export interface CreateServerRequest {
  /** Unique at the provider: a second create under the same name is refused with `name_taken`. */
  readonly name: string;
  readonly machineType: string;
  readonly location: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Given to the VM agent; holds a token, so it is never logged. */
  readonly userData: string;
}

/** What may stay behind when a server is gone, and go on costing money. */
export const resourceKinds = ["disk", "address", "volume"] as const;
export type ResourceKind = (typeof resourceKinds)[number];

export interface ProviderResource {
  readonly kind: ResourceKind;
  /** The provider's own id; opaque, and unique within its kind. */
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The server that it belongs to now; null for what was left behind. */
  readonly attachedTo: string | null;
  /** Milliseconds since 1970, by the provider's clock; null where it does not say. */
  readonly createdAt: number | null;
  /** Null where the provider does not say, or where it means nothing. */
  readonly sizeBytes: number | null;
  /** Whether work lies on it that is kept nowhere else; null where the provider cannot look. */
  readonly holdsUnsavedWork: boolean | null;
}

export interface DestroyResource {
  readonly kind: ResourceKind;
  readonly id: string;
  /** Its owner said so: also where work lies on it that is kept nowhere else. */
  readonly evenUnsaved: boolean;
}

/** The resources beside servers, of a provider that has such. */
export interface ProviderResources {
  /** All kinds that this provider has. */
  readonly kinds: readonly ResourceKind[];
  /** All that carry every one of these labels, over all kinds and pages. */
  list(filter: { readonly labels: Readonly<Record<string, string>> }): Promise<readonly ProviderResource[]>;
  /**
   * Idempotent. `kept`: work lies on it that is kept nowhere else, and nothing was touched. Throws `in_use` where it
   * belongs to a server.
   */
  destroy(request: DestroyResource): Promise<"gone" | "kept">;
}

/** Every call has a deadline of its own and throws a `ProviderError`, and nothing else, where it fails. */
export interface Provider {
  readonly name: string;
  catalog(): Promise<Catalog>;
  /** Answers as soon as the provider has accepted: the server is then `initializing`, as a rule. */
  createServer(request: CreateServerRequest): Promise<ProviderServer>;
  /** @returns null where the provider says that there is no such server. */
  getServer(id: string): Promise<ProviderServer | null>;
  /** All servers that carry every one of these labels, over all pages. */
  listServers(filter: { readonly labels: Readonly<Record<string, string>> }): Promise<readonly ProviderServer[]>;
  /** Idempotent. `deleting`: accepted, ask `getServer` until it is null. `gone`: there is no such server (any more). */
  destroyServer(id: string): Promise<"deleting" | "gone">;
  /**
   * Only for providers on the user's own machine: lets that server fetch from and push to the repository at this
   * absolute path. Idempotent. Whether the repository exists shows at use.
   */
  attachRepository?(id: string, path: string): Promise<void>;
  /** Absent where nothing of it outlives its server. */
  readonly resources?: ProviderResources;
}

/** The labels that every server of ours carries, and whatever else was made with it. */
export const installationLabel = "sam-installation";
export const nodeLabel = "sam-node";
