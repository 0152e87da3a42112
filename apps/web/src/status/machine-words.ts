/** A machine in words: only what the provider's catalog says, with its age; otherwise that it cannot be said, and why. */
import type { MachineView } from "@sam/protocol/node-api";

const gibibyte = 1024 ** 3;
/** A month of the catalogs: 730 hours. */
const hoursPerMonth = 730;

/** @returns bytes as whole or tenth GiB, such as "7.6 GiB". */
export function gibibytesText(bytes: number): string {
  const amount = bytes / gibibyte;
  return `${amount >= 10 ? Math.round(amount).toString() : (Math.round(amount * 10) / 10).toString()} GiB`;
}

/** @returns type, vCPU, RAM, disk and place, as far as they are known. */
export function machineText(machine: MachineView): string {
  if (!machine.known) return `${machine.machineType}: exact specs unavailable, ${machine.why}`;
  const { machineType, vcpu, memoryBytes, diskBytes, location } = machine;
  const disk = diskBytes === null ? "disk not known" : `${gibibytesText(diskBytes)} disk`;
  return `${machineType}: ${vcpu} vCPU, ${gibibytesText(memoryBytes)} RAM, ${disk}, ${location}`;
}

/** @returns what it costs while it stands, or that this is not known. The catalog's age is said beside it. */
export function priceText(machine: MachineView): string {
  if (!machine.known || machine.monthlyPrice === null) return "price not known";
  const { amount, currency } = machine.monthlyPrice;
  if (amount === 0) return "costs nothing";
  return `${moneyText(amount / hoursPerMonth, currency, 4)} an hour (${moneyText(amount, currency, 2)} a month)`;
}

/** @returns whether it costs something that the catalog names: then the catalog's age matters. */
export function isPriced(machine: MachineView): machine is Extract<MachineView, { known: true }> {
  return machine.known && machine.monthlyPrice !== null && machine.monthlyPrice.amount > 0;
}

/** @param digits after the point, at most. */
export function moneyText(amount: number, currency: string, digits: number): string {
  try {
    return new Intl.NumberFormat(undefined, { style: "currency", currency, maximumFractionDigits: digits }).format(
      amount,
    );
  } catch {
    return `${amount.toFixed(digits)} ${currency}`;
  }
}
