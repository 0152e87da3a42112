/** What this installation is: version, provider, the isolation in force, and the last sweep with what it found. */
import { findingKinds } from "@sam/domain/sweep-finding";
import type { SweepPartView, SweepView } from "@sam/protocol/sweep-api";
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

function Sweep({ sweep }: { readonly sweep: SweepView }): ReactNode {
  const failed = sweep.parts.filter((part) => part.failed !== null);
  const idle = sweep.parts.filter(isIdle);
  return (
    <>
      <Age at={sweep.at} />, {sweep.parts.length - failed.length} of {sweep.parts.length} parts without a failure
      {sweep.parts
        .filter((part) => !isIdle(part))
        .map((part) => (
          <SweepPart key={part.part} part={part} />
        ))}
      {idle.length > 0 && (
        <span className="block text-ink-quiet">nothing to look at: {idle.map(({ part }) => part).join(", ")}</span>
      )}
    </>
  );
}

function isIdle({ looked, failed, isWhole, findings }: SweepPartView): boolean {
  return looked === 0 && failed === null && isWhole && findings.length === 0;
}

function SweepPart({ part }: { readonly part: SweepPartView }): ReactNode {
  const { part: name, looked, found, acted, failed, isWhole, findings } = part;
  return (
    <span className="block">
      {failed === null ? (
        <span className="text-ink-quiet">{name}: </span>
      ) : (
        <Status meaning="failed" word={`${name}: ${failed}; `} />
      )}
      <span className="text-ink-quiet">
        looked at {looked}, found {found}, did {acted}
        {!isWhole && "; goes on in the next sweep"}
      </span>
      {findings.map(({ kind, subjectId, detail }) => (
        <span key={`${kind} ${subjectId}`} className="block break-words pl-4 text-sm">
          <span className="font-mono text-xs">{subjectId}</span> {findingKinds[kind].means} ({detail})
        </span>
      ))}
    </span>
  );
}
