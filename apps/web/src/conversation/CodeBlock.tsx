/** A block of code in an agent's text, with a button that copies it. */
import { type ReactNode, useRef } from "react";

import { CopyButton } from "../task/CopyButton.tsx";

export function CodeBlock({ children }: { readonly children: ReactNode }): ReactNode {
  const code = useRef<HTMLPreElement>(null);
  return (
    <div className="group/code relative">
      <pre
        ref={code}
        dir="ltr"
        // Long lines scroll by keyboard, too.
        tabIndex={0}
        className="max-h-[32rem] overflow-auto rounded-md border border-line bg-raised p-3 pr-12 font-mono text-xs leading-5"
      >
        {children}
      </pre>
      <CopyButton
        label="Copy the code"
        text={() => code.current?.textContent ?? ""}
        className="absolute top-1 right-1 opacity-0 group-focus-within/code:opacity-100 group-hover/code:opacity-100 pointer-coarse:opacity-100"
      />
    </div>
  );
}
