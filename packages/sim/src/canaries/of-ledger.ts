/** Canaries of the ledger: what it takes for ours, and that it is there at all. */
import { installationLabel, type Provider } from "@sam/providers/provider";

import { sweepWorldOf } from "../../../../apps/control/src/sweep/sweep-world.ts";
import { runSweep, sweepParts } from "../../../../apps/control/src/sweep/sweep.ts";
import { installationId } from "../objects/simulated-env.ts";
import { instead, type Canary } from "./canary.ts";

function takenForOurs(provider: Provider): Provider {
  return instead(provider, {
    listServers: async (filter) =>
      (await provider.listServers(filter)).map((server) => ({
        ...server,
        labels: { ...server.labels, [installationLabel]: installationId },
      })),
  });
}

const { ledger: _ledger, ...withoutLedger } = sweepParts;

export const ofLedger: readonly Canary[] = [
  {
    name: "account-is-ours",
    breaks: "Whatever stands in the provider's account counts as ours, whichever tag it carries.",
    rule: 9,
    replaces: {
      sweep: (env, now) => {
        const world = sweepWorldOf(env);
        return runSweep({ ...world, provider: () => takenForOurs(world.provider()) }, now);
      },
    },
  },
  {
    name: "nobody-compares",
    breaks: "What the provider lists is held against nothing: a node that is destroyed looks for its server no more.",
    rule: 9,
    replaces: {
      sweep: (env, now) => runSweep(sweepWorldOf(env), now, withoutLedger),
    },
  },
];
