import type { Chance } from "@sam/domain/testing/seeded";

/** @returns the same values in an order by chance. */
export function shuffled<Value>(chance: Chance, values: readonly Value[]): Value[] {
  return values
    .map((value) => ({ value, at: chance.next() }))
    .toSorted((one, other) => one.at - other.at)
    .map(({ value }) => value);
}
