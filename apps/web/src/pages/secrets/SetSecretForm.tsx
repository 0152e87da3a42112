/** Sets or replaces a secret. The field is emptied as soon as the value has been taken. */
import { secretNameSchema } from "@sam/protocol/secret-api";
import { type ReactNode, useState } from "react";

import { fieldError, isAllInFields } from "../../api/api-error.ts";
import { useSetSecret } from "../../api/secrets.ts";
import { Button } from "../../ui/Button.tsx";
import { Done } from "../../ui/Done.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Field } from "../../ui/Field.tsx";
import { Form } from "../../ui/Form.tsx";
import { CodeInput } from "../../ui/Input.tsx";

export interface SetSecretFormProps {
  /** The names that have a value already: setting one replaces it. */
  readonly names: readonly string[];
  /** Where the name is given, only the value is asked for. */
  readonly fixedName?: string;
  readonly onDone?: () => void;
}

/** The control of the API, said before anything is sent. */
function nameProblem(name: string): string | null {
  if (name === "") return null;
  return secretNameSchema.safeParse(name).error?.issues[0]?.message ?? null;
}

export function SetSecretForm({ names, fixedName, onDone }: SetSecretFormProps): ReactNode {
  const [typed, setTyped] = useState("");
  const [value, setValue] = useState("");
  const [done, setDone] = useState<{ readonly name: string; readonly at: number } | null>(null);
  const { mutate, error, isPending, reset } = useSetSecret();
  const name = fixedName ?? typed;
  const replaces = names.includes(name);
  const problem = nameProblem(name) ?? fieldError(error, "name");
  const save = () => {
    const onSuccess = () => {
      // The request keeps what it was sent with until it is forgotten.
      reset();
      setValue("");
      setTyped("");
      setDone({ name, at: Date.now() });
      onDone?.();
    };
    mutate({ name, value }, { onSuccess });
  };
  return (
    <Form onSend={save} failure={error} className="flex flex-col gap-4" autoComplete="off">
      <div className="grid gap-4 tablet:grid-cols-2">
        {fixedName === undefined && (
          <Field label="Name" name="name" hint="As in an environment: OPENAI_API_KEY." error={problem}>
            <CodeInput value={typed} onText={(text) => setTyped(text.toUpperCase())} autoCapitalize="characters" />
          </Field>
        )}
        <Field label="Value" name="value" error={fieldError(error, "value")}>
          <CodeInput type="password" value={value} onText={setValue} autoComplete="new-password" />
        </Field>
      </div>
      {error !== null && !isAllInFields(error, ["name", "value"]) && (
        <ErrorNotice what="The secret was not set" error={error} kept="What was set before is as it was." />
      )}
      <div className="flex flex-wrap items-center gap-3">
        <Button
          type="submit"
          kind="primary"
          busy={isPending && "Setting"}
          disabled={name === "" || value === "" || nameProblem(name) !== null}
        >
          {replaces ? `Replace ${name}` : "Set the secret"}
        </Button>
        <Done at={done?.at ?? null}>{done?.name} is set; agents started from now on have it.</Done>
      </div>
    </Form>
  );
}
