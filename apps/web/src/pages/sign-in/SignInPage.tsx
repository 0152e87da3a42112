/**
 * Takes the one-time token of a link and makes a session of it. The token stands in the fragment, which no server and
 * no log sees, and is taken out of the history before anything else is done.
 */
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef, useState } from "react";

import { useSignIn } from "../../api/session.ts";
import { useTitle } from "../../layout/title.ts";
import { pathTo } from "../../path-builder.ts";
import { Button } from "../../ui/Button.tsx";
import { Code } from "../../ui/Code.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Field } from "../../ui/Field.tsx";
import { Form } from "../../ui/Form.tsx";
import { CodeInput } from "../../ui/Input.tsx";
import { tokenIn } from "./token-in.ts";

const route = getRouteApi("/sign-in");

export function SignInPage(): ReactNode {
  useTitle("Sign in");
  const { mutate, isPending, error } = useSignIn();
  const navigate = useNavigate();
  const begun = useRef(false);
  const { task } = route.useSearch();
  const signIn = (token: string) =>
    mutate(token, {
      onSuccess: () => void navigate({ ...(task === undefined ? pathTo.home() : pathTo.task(task)), replace: true }),
    });

  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    const token = tokenIn(window.location.hash);
    if (token === null) return;
    window.history.replaceState(window.history.state, "", `${window.location.pathname}${window.location.search}`);
    signIn(token);
  });

  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-md flex-col justify-center gap-6 p-4">
      <h1 className="flex items-center gap-3 text-xl font-semibold">
        <img src="/icon.svg" alt="" width="32" height="32" />
        Sign in to SAM
      </h1>
      {isPending && <p role="status">Asking SAM for a session.</p>}
      {error !== null && <ErrorNotice what="You are not signed in" error={error} />}
      <p className="text-ink-quiet">
        A link to this page is printed by <Code>npm start</Code>; a new one by <Code>sam open</Code>, on the machine
        that runs SAM. Open it here, or paste it:
      </p>
      <PasteLink isPending={isPending} onToken={signIn} />
    </main>
  );
}

interface PasteLinkProps {
  readonly isPending: boolean;
  readonly onToken: (token: string) => void;
}

function PasteLink({ isPending, onToken }: PasteLinkProps): ReactNode {
  const [pasted, setPasted] = useState("");
  return (
    <Form className="flex flex-col gap-4" failure={null} onSend={() => onToken(tokenIn(pasted) ?? pasted.trim())}>
      <Field label="Link">
        <CodeInput value={pasted} onText={setPasted} placeholder="http://127.0.0.1:…/sign-in#…" />
      </Field>
      <Button type="submit" kind="primary" busy={isPending && "Signing in"} disabled={pasted.trim() === ""}>
        Sign in
      </Button>
    </Form>
  );
}
