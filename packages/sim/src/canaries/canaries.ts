/** All canaries, by their names. */
import type { Canary } from "./canary.ts";
import { ofBoots } from "./of-boots.ts";
import { ofClocks } from "./of-clocks.ts";
import { ofDurability } from "./of-durability.ts";
import { ofEffects } from "./of-effects.ts";
import { ofEnds } from "./of-ends.ts";
import { ofLedger } from "./of-ledger.ts";
import { ofMessages } from "./of-messages.ts";
import { ofSavedWork } from "./of-saved-work.ts";

export const canaries: readonly Canary[] = [
  ...ofBoots,
  ...ofClocks,
  ...ofDurability,
  ...ofEffects,
  ...ofEnds,
  ...ofLedger,
  ...ofMessages,
  ...ofSavedWork,
];

/** @throws RangeError where there is none of that name. */
export function canaryNamed(name: string): Canary {
  const found = canaries.find((canary) => canary.name === name);
  if (found === undefined) throw new RangeError(`there is no canary ${name}`);
  return found;
}
