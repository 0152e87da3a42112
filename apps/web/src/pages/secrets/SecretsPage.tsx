/** The names of your secrets, their ages and whose keys they are. A value is never shown again. */
import type { SecretView } from "@sam/protocol/secret-api";
import type { ReactNode } from "react";

import { useSecrets } from "../../api/secrets.ts";
import { Page, Section } from "../../layout/Page.tsx";
import { QueryNotice } from "../../layout/QueryNotice.tsx";
import { Age } from "../../ui/Age.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { SkeletonRows } from "../../ui/Skeleton.tsx";
import { DeleteSecret } from "./DeleteSecret.tsx";
import { SetSecretForm } from "./SetSecretForm.tsx";

export function SecretsPage(): ReactNode {
  const query = useSecrets();
  const { data: secrets } = query;
  return (
    <Page
      title="Secrets"
      lead="Encrypted at rest, given to your agents' processes alone, masked where they appear in output, and never shown again."
    >
      <QueryNotice
        query={query}
        what="The secrets could not be listed"
        loading={<SkeletonRows label="Loading secrets" />}
      />
      {secrets?.length === 0 && (
        <EmptyState title="No secret yet">
          The key of a model is a secret: set the one that your agent names, such as OPENAI_API_KEY for Codex.
        </EmptyState>
      )}
      {secrets !== undefined && secrets.length > 0 && (
        <ul className="flex flex-col divide-y divide-line border-y border-line">
          {secrets.map((secret) => (
            <SecretRow key={secret.name} secret={secret} />
          ))}
        </ul>
      )}
      <Section title="Set a secret">
        <SetSecretForm names={secrets?.map(({ name }) => name) ?? []} />
      </Section>
    </Page>
  );
}

function SecretRow({ secret }: { readonly secret: SecretView }): ReactNode {
  const { name, updatedAt, createdAt, keyOf } = secret;
  return (
    <li className="flex items-center justify-between gap-4 py-2">
      <div className="min-w-0">
        <p className="truncate font-mono">{name}</p>
        <p className="text-xs text-ink-quiet">
          {keyOf.length === 0 ? "in the environment of every agent" : `the model's key of ${keyOf.join(", ")}`}
          {" · "}
          {updatedAt === createdAt ? "set" : "replaced"} <Age at={updatedAt} />
        </p>
      </div>
      <DeleteSecret secret={secret} />
    </li>
  );
}
