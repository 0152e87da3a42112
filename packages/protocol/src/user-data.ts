/** What a server is given at its creation: who it is and where to dial. It holds a token and is never logged. */
import { z } from "zod";

import { nodeIdSchema } from "./ids.ts";

export const userDataSchema = z.object({
  nodeId: nodeIdSchema,
  /** Base URL of the control plane; a provider that knows better overrides it at boot. */
  controlUrl: z.url(),
  /** Valid for this node alone; renewed over the channel. */
  token: z.string().min(32).max(512),
  /** Milliseconds since 1970. */
  tokenExpiresAt: z.number().int(),
});

export type UserData = z.infer<typeof userDataSchema>;
