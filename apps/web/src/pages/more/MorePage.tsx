/** What is not worth a place in the bar: further places, the theme, the keys, what this installation is, signing out. */
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";

import { useSignOut } from "../../api/session.ts";
import { useSystem } from "../../api/system.ts";
import { furtherPlaces } from "../../layout/navigation.ts";
import { Page, Section } from "../../layout/Page.tsx";
import { pathTo } from "../../path-builder.ts";
import { chooseTheme, currentTheme, type Theme, themes } from "../../theme/theme.ts";
import { Button, buttonClass } from "../../ui/Button.tsx";
import { Code } from "../../ui/Code.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { SystemFacts } from "./SystemFacts.tsx";

const themeNames: Record<Theme, string> = { system: "As the system", light: "Light", dark: "Dark" };

const keys: readonly (readonly [key: string, does: string])[] = [
  ["/", "go to the composer, or to the filter of the list"],
  ["↑ ↓ Home End", "move in a list"],
  ["Ctrl Enter", "send what you wrote"],
  ["Escape", "close what is open, or leave a field"],
];

export function MorePage(): ReactNode {
  return (
    <Page title="More">
      <Section title="Places">
        <ul className="divide-y divide-line">
          {furtherPlaces.map(({ label, icon, link }) => (
            <li key={link.to}>
              <Link {...link} className="touch flex items-center gap-3 no-underline hover:underline">
                <Icon name={icon} />
                {label}
              </Link>
            </li>
          ))}
        </ul>
      </Section>
      <ThemeChoice />
      <BreakSomething />
      <Section title="Keys">
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-2">
          {keys.map(([key, does]) => (
            <div key={key} className="contents">
              <dt>
                <kbd className="rounded-sm border border-line-strong px-1.5 py-0.5 font-mono text-xs">{key}</kbd>
              </dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
      </Section>
      <SystemFacts />
      <SignOut />
    </Page>
  );
}

/** On a person's own machine alone. */
function BreakSomething(): ReactNode {
  const { data } = useSystem();
  if (data?.breakable !== true) return null;
  return (
    <Section title="What SAM promises">
      <p className="measure text-ink-quiet">
        Kill a VM agent, cut a network, restart the control plane or stall the provider, and see what was promised hold.
      </p>
      <div>
        <Link {...pathTo.break()} className={buttonClass()}>
          Break something
        </Link>
      </div>
    </Section>
  );
}

function ThemeChoice(): ReactNode {
  const [theme, setTheme] = useState(currentTheme);
  return (
    <Section title="Theme">
      <fieldset className="flex flex-wrap gap-x-6">
        <legend className="sr-only">Theme</legend>
        {themes.map((name) => (
          <label key={name} className="touch flex items-center gap-2">
            <input
              type="radio"
              name="theme"
              className="size-4 accent-accent"
              checked={theme === name}
              onChange={() => {
                chooseTheme(name);
                setTheme(name);
              }}
            />
            {themeNames[name]}
          </label>
        ))}
      </fieldset>
    </Section>
  );
}

function SignOut(): ReactNode {
  const { mutate, isPending, error, isSuccess } = useSignOut();
  return (
    <Section title="Session">
      <p className="measure text-ink-quiet">
        Signing out ends the session of this browser alone. Tasks go on; <Code>sam open</Code> prints a link to come
        back.
      </p>
      {error !== null && <ErrorNotice what="You are still signed in" error={error} />}
      <div>
        <Button busy={isPending && "Signing out"} disabled={isSuccess} onClick={() => mutate()}>
          Sign out
        </Button>
      </div>
    </Section>
  );
}
