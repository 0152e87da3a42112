/** What this installation is: version, provider, the isolation in force, and the last sweep with what failed in it. */
import type { SystemView } from "@sam/protocol/system-api";
import type { ReactNode } from "react";

import { useSystem } from "../../api/system.ts";
import { Section } from "../../layout/Page.tsx";
import { QueryNotice } from "../../layout/QueryNotice.tsx";
import { Age } from "../../ui/Age.tsx";
import { Facts } from "../../ui/Facts.tsx";
import { SkeletonRows } from "../../ui/Skeleton.tsx";
import { Status } from "../../ui/Status.tsx";

export function SystemFacts(): ReactNode {
  const query = useSystem();
  const { data } = query;
  return (
    <Section title="This installation">
      <QueryNotice
        query={query}
        what="The installation could not be asked"
        loading={<SkeletonRows label="Asking what this installation is" rows={2} />}
      />
      {data !== undefined && <Facts facts={factsOf(data)} />}
    </Section>
  );
}

function factsOf(system: SystemView): readonly (readonly [string, ReactNode])[] {
  const { isolation, lastSweep } = system;
  return [
    ["Version", system.version],
    ["Installation", <code className="font-mono text-xs">{system.installationId}</code>],
    ["Provider", system.provider],
    [
      "Isolation",
      isolation === null ? (
        "the machines' own"
      ) : (
        <>
          processes: {isolation.processes}, limits: {isolation.limits}
          {isolation.reasons.map((reason) => (
            <span key={reason} className="block text-ink-quiet">
              {reason}
            </span>
          ))}
        </>
      ),
    ],
    ["Last sweep", lastSweep === null ? "none yet" : <Sweep sweep={lastSweep} />],
  ];
}

function Sweep({ sweep }: { readonly sweep: NonNullable<SystemView["lastSweep"]> }): ReactNode {
  const failed = sweep.parts.filter((part) => part.failed !== null);
  return (
    <>
      <Age at={sweep.at} />, {sweep.parts.length - failed.length} of {sweep.parts.length} parts without a failure
      {failed.map(({ part, failed: why }) => (
        <span key={part} className="block">
          <Status meaning="failed" word={`${part}: ${why ?? ""}`} />
        </span>
      ))}
    </>
  );
}
