/** Who this installation is: drawn once, and the tag of everything that it makes at a provider. */
import { isId, makeId } from "@sam/domain/ids";
import { ulid } from "ulid";
import { z } from "zod";

import { CommandError } from "../exit-code.ts";
import type { DataDirectory } from "./data-directory.ts";
import { parseJson, readFileIfThere, replaceFile } from "./files.ts";

const installationSchema = z.object({
  installationId: z.string().regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/),
  ownerId: z.string().refine((text) => isId("user", text)),
  createdAt: z.number().int(),
});
export type Installation = z.infer<typeof installationSchema>;

/** Reads the identity, or draws one for a new directory. A broken file is never replaced: servers carry its tag. */
export function loadInstallation(directory: DataDirectory, nowMs: number): Installation {
  const text = readFileIfThere(directory.installation);
  if (text !== null) {
    const parsed = installationSchema.safeParse(parseJson(text));
    if (parsed.success) return parsed.data;
    throw new CommandError(
      `${directory.installation} does not hold this installation's identity any more. It was kept as it is: machines ` +
        `and tasks carry that identity. Put it back from a copy, or choose another directory with --data-dir.`,
    );
  }
  const drawn = { installationId: ulid(nowMs), ownerId: makeId("user", ulid(nowMs)), createdAt: nowMs };
  replaceFile(directory.installation, `${JSON.stringify(drawn, null, 2)}\n`, 0o600);
  return drawn;
}
