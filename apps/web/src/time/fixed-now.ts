/** A page that shows the past has a clock that stands: everything on it tells its age from that moment. */
import { createContext, useContext } from "react";

const FixedNow = createContext<number | null>(null);

export const FixedNowProvider = FixedNow.Provider;

/** @returns the moment that is shown, in milliseconds since 1970; null: the present. */
export function useFixedNow(): number | null {
  return useContext(FixedNow);
}
