/** A short command, name or path inside a sentence. */
import type { ReactNode } from "react";

export function Code({ children }: { readonly children: ReactNode }): ReactNode {
  return <code className="rounded-sm bg-sunken px-1 py-0.5 font-mono text-[0.9em]">{children}</code>;
}
