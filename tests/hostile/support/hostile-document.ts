/** `docs/hostile-outputs.md`, made from the tables of the cases: what an agent emits, what must not come of it, what holds it. */
import { endCases } from "../cases/ends.ts";
import { floodCases } from "../cases/floods.ts";
import { linkCases } from "../cases/links.ts";
import { markupCases } from "../cases/markup.ts";
import { networkCases } from "../cases/network.ts";
import { pathCases, placeCases, raceCase } from "../cases/paths.ts";
import { permissionCases } from "../cases/permissions.ts";
import { leakCases, secretCases } from "../cases/secrets.ts";
import { signCases } from "../cases/signs.ts";
import { voiceCases } from "../cases/voices.ts";
import { workCases } from "../cases/work.ts";
import type { HostileCase } from "./hostile-case.ts";

interface Chapter {
  readonly title: string;
  readonly lead: string;
  readonly cases: readonly HostileCase[];
}

const chapters: readonly Chapter[] = [
  {
    title: "Markup and links",
    lead: "One conversation; each case is a message of it. `tests/hostile/words.test.ts`.",
    cases: [...markupCases, ...linkCases],
  },
  { title: "Other voices", lead: "As above, on the page and in the terminal.", cases: [...voiceCases, ...endCases] },
  { title: "Signs that are not seen", lead: "As above, on the page and in the terminal.", cases: signCases },
  { title: "Too much", lead: "As above: the page opens and scrolls to its end.", cases: floodCases },
  {
    title: "Questions",
    lead: "A person reads each on the page and presses an answer; the agent is told that answer. `permissions.test.ts`.",
    cases: permissionCases,
  },
  { title: "The work", lead: "All of it one task's, delivered and reviewed. `work.test.ts`.", cases: workCases },
  {
    title: "Paths",
    lead: "Each path is read and written through SAM, each place asked for under a policy. `files.test.ts`.",
    cases: [...pathCases, raceCase, ...placeCases],
  },
  {
    title: "Secrets",
    lead: "The agent has its owner's secret; messages, databases, logs, page, terminal and repository are searched for it. `secrets.test.ts`.",
    cases: [...secretCases, ...leakCases],
  },
  {
    title: "The network",
    lead: "Another port's page in a real browser, another owner's token, the sandbox itself. `network.test.ts`, `gateway.test.ts`.",
    cases: Object.values(networkCases),
  },
];

export const allCases: readonly HostileCase[] = chapters.flatMap(({ cases }) => cases);

export function hostileDocument(): string {
  return `${[
    "# Hostile outputs",
    `This file is made by \`SAM_WRITE_DOCS=1 npm test -- tests/hostile/document\` from the tables in \`tests/hostile/cases\`; change those, not this. Each of these ${allCases.length} cases is tried for real in every \`npm test\`: a hostile agent in a whole SAM, its page in Chromium, its commands in a terminal. [security.md](security.md) says what is not held.`,
    ...chapters.flatMap(({ title, lead, cases }) => [`## ${title}`, lead, ...held(cases)]),
  ].join("\n\n")}\n`;
}

/** What several of them must not do, and what holds it, is said once. */
function held(cases: readonly HostileCase[]): readonly string[] {
  return [...Map.groupBy(cases, ({ mustNot, heldBy }) => `They must not ${mustNot}. Held: ${heldBy}.`)].map(
    ([rule, own]) => `${rule}\n${own.map(({ what }) => `\n- ${what}`).join("")}`,
  );
}
