/**
 * Rule 10. What a machine is comes from the provider's own catalog, with its source and the time that it was read; where
 * that says nothing, nothing is said, and why.
 */
import type { Machine } from "../node-facts.ts";
import { moment, notObserved, type Breach, type Clause, type Rule, when } from "./rule.ts";
import type { OfferRecord, SystemRecord } from "./system-record.ts";
import type { TaskRecord } from "./task-record.ts";

/** @param now when the machine was looked at. */
function unsourced(about: string, machine: Machine, now: number): readonly Breach[] {
  if (!machine.known) {
    return when(machine.why.trim() === "", about, () => `what ${machine.machineType} is cannot be said, and not why`);
  }
  const { source, readAt, vcpu, memoryBytes } = machine;
  return [
    ...when(source.trim() === "", about, () => `its figures for ${machine.machineType} have no source`),
    ...when(
      readAt <= 0 || readAt > now,
      about,
      () => `its figures were read at ${moment(readAt)}, seen at ${moment(now)}`,
    ),
    ...when(
      vcpu <= 0 || memoryBytes <= 0,
      about,
      () => `it is said to have ${vcpu} vCPU and ${memoryBytes} bytes of RAM`,
    ),
  ];
}

function unlikeTheCatalog(about: string, machine: Machine, catalog: readonly OfferRecord[]): readonly Breach[] {
  if (!machine.known) return [];
  const offer = catalog.find(({ machineType }) => machineType === machine.machineType);
  if (offer === undefined) return [{ about, what: `its figures for ${machine.machineType} stand in no catalog` }];
  const figures = ["vcpu", "memoryBytes", "diskBytes"] as const;
  return [
    ...figures.flatMap((figure) =>
      when(machine[figure] !== offer[figure], about, () => {
        return `${figure} of ${machine.machineType} is said to be ${machine[figure]}, and the catalog says ${offer[figure]}`;
      }),
    ),
    ...when(JSON.stringify(machine.monthlyPrice) !== JSON.stringify(offer.monthlyPrice), about, () => {
      const [said, listed] = [machine.monthlyPrice, offer.monthlyPrice].map((price) => JSON.stringify(price));
      return `the price of ${machine.machineType} is said to be ${said}, and the catalog says ${listed}`;
    }),
  ];
}

const itsMachineHasASource: Clause<TaskRecord> = {
  says: "what its machine is said to be has a source and a time",
  check: ({ taskId, machine, readAt }) =>
    machine === undefined ? notObserved("its machine") : unsourced(taskId, machine, readAt),
};

const machinesHaveASource: Clause<SystemRecord> = {
  says: "what a machine is said to be has a source and a time",
  check: ({ nodes, at }) => {
    if (nodes === undefined) return notObserved("the nodes");
    return nodes.flatMap(({ nodeId, machine }) => unsourced(nodeId, machine, at));
  },
};

const machinesAreTheCatalogs: Clause<SystemRecord> = {
  says: "a machine's figures are those of the provider's catalog",
  check: ({ nodes, catalog }) => {
    if (nodes === undefined || catalog === undefined) return notObserved("the nodes and the catalog");
    return nodes.flatMap(({ nodeId, machine }) => unlikeTheCatalog(nodeId, machine, catalog));
  },
};

export const noInventedPrecision: Rule = {
  number: 10,
  ofTask: [itsMachineHasASource],
  ofSystem: [machinesHaveASource, machinesAreTheCatalogs],
};
