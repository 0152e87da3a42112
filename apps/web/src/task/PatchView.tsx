/** One file's patch, or two versions of a text, set as a diff. Loaded when the first one is opened. */
import { MultiFileDiff, PatchDiff } from "@pierre/diffs/react";
import type { ComponentProps, ReactNode } from "react";

import { currentTheme } from "../theme/theme.ts";

type Options = NonNullable<ComponentProps<typeof PatchDiff>["options"]>;

/** One column, lines wrapped: it is read on a phone, too. The heading with the file's name is the page's own. */
function options(): Options {
  return {
    diffStyle: "unified",
    overflow: "wrap",
    disableFileHeader: true,
    themeType: currentTheme(),
    theme: { dark: "github-dark-high-contrast", light: "github-light-high-contrast" },
    lineDiffType: "word",
    // Colours are for what a person reads: neither a long line nor a large file is worth the wait.
    tokenizeMaxLineLength: 500,
    tokenizeMaxLength: 60_000,
  };
}

export function PatchView({ patch }: { readonly patch: string }): ReactNode {
  return <PatchDiff patch={patch} options={options()} disableWorkerPool className="block text-xs" />;
}

export interface VersionsViewProps {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

export function VersionsView({ path, before, after }: VersionsViewProps): ReactNode {
  return (
    <MultiFileDiff
      oldFile={{ name: path, contents: before }}
      newFile={{ name: path, contents: after }}
      options={options()}
      disableWorkerPool
      className="block text-xs"
    />
  );
}
