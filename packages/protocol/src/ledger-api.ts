/** `GET /api/ledger`: what the provider lists, held against our nodes; and what is done about it when. */
import { ledgerVerdicts, listedKinds, type LedgerVerdict } from "@sam/domain/ledger";
import { z } from "zod";

import { nodeIdSchema } from "./ids.ts";

const instant = z.number().int();

export const listedKindSchema = z.enum(listedKinds);
export const verdictSchema = z
  .string()
  .refine((verdict): verdict is LedgerVerdict => Object.hasOwn(ledgerVerdicts, verdict), {
    error: "is no verdict of the ledger",
  });

/** One thing that the provider listed, as the last listing had it. */
export const ledgerEntrySchema = z.object({
  kind: listedKindSchema,
  /** The provider's own id. */
  id: z.string(),
  name: z.string(),
  /** The provider's own word; null where it has none for such a thing. */
  status: z.string().nullable(),
  verdict: verdictSchema,
  why: z.string(),
  /** The node whose label it carries, and the installation whose tag; null: none. */
  nodeId: nodeIdSchema.nullable(),
  installation: z.string().nullable(),
  /** The server that it belongs to. */
  attachedTo: z.string().nullable(),
  createdAt: instant.nullable(),
  sizeBytes: z.number().nullable(),
  firstSeenAt: instant,
  /** Since which listing no node owns it; null: one does, or it is not ours. */
  unownedSince: instant.nullable(),
  /** Since when the provider does not list it; null: it does. */
  missingSince: instant.nullable(),
  /** When it is destroyed, unless a node turns out to own it; null: it is not. */
  destroyAt: instant.nullable(),
  /** When its destruction was last asked for, how often, and what came of it where that failed. */
  triedAt: instant.nullable(),
  tries: z.number().int(),
  lastError: z.string().nullable(),
  /** Whether you may have it destroyed now. */
  mayDestroy: z.boolean(),
});
export type LedgerEntryView = z.infer<typeof ledgerEntrySchema>;

export const ledgerSchema = z.object({
  provider: z.string(),
  installationId: z.string().nullable(),
  /** The last whole listing; null: none yet. */
  listedAt: instant.nullable(),
  /** The provider could not be asked since then, and why; null: it answers. */
  failing: z.object({ since: instant, detail: z.string() }).nullable(),
  pollMs: z.number().int(),
  graceMs: z.number().int(),
  entries: z.array(ledgerEntrySchema),
  /** How many things belong to nodes of other owners; they are not shown. */
  ofOthers: z.number().int(),
  /** Your nodes whose server the provider does not list, and since when. */
  unlisted: z.array(z.object({ nodeId: nodeIdSchema, since: instant })),
});
export type LedgerView = z.infer<typeof ledgerSchema>;

export const oneLedgerEntrySchema = z.object({ entry: ledgerEntrySchema });
