/** Which rows the reader has opened. A row that scrolls out of sight is taken away, and comes back as it was left. */
import { createContext, useContext, useState } from "react";

export type OpenRows = Set<string>;

const OpenRowsContext = createContext<OpenRows>(new Set());
export const OpenRowsProvider = OpenRowsContext.Provider;

/** @returns whether the row's part is open, and what turns it. */
export function useOpen(key: string): readonly [isOpen: boolean, toggle: () => void] {
  const rows = useContext(OpenRowsContext);
  const [isOpen, setOpen] = useState(() => rows.has(key));
  const toggle = () => {
    if (isOpen) rows.delete(key);
    else rows.add(key);
    setOpen(!isOpen);
  };
  return [isOpen, toggle];
}
