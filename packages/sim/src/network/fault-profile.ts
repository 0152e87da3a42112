/**
 * A fault profile says how often what goes wrong in one schedule. Each seed draws its own: most of them have a few kinds of
 * faults, often, since many at once hide each other; some have none, and some have all.
 */
import type { Chance } from "@sam/domain/testing/seeded";

/** Each a probability from 0 to 1, per call or per minute, as its comment says. */
export interface FaultProfile {
  /** Per call of any kind: it takes seconds. */
  readonly slow: number;
  /** Per call of D1: refused before anything was done. */
  readonly d1Refuses: number;
  /** Per call of D1: done, and the reply is an error, or never comes. */
  readonly d1LosesReply: number;
  /** Per call between objects: it never arrives, or its reply does not. */
  readonly callLost: number;
  /** Per call that an object makes: its code ends there, with its memory. */
  readonly aborted: number;
  /** Per alarm that fires: the platform has given it up. */
  readonly alarmLost: number;
  /** Per call that an object is asked: it was evicted before. */
  readonly evicted: number;
  /** Per call of the provider: an error. */
  readonly providerFails: number;
  /** Per server asked for: it is made, and the reply is lost. */
  readonly createReplyLost: number;
  /** Per listing: what was made in the last seconds is not in it. */
  readonly listsLate: number;
  /** Per look at a server: the status is an older one. */
  readonly staleStatus: number;
  /** Per server asked for: no capacity, or no quota. */
  readonly createRefused: number;
  /** Per server made: it never comes up. */
  readonly serverHangs: number;
  /** Per minute of a machine: its VM agent is killed, or all of it is. */
  readonly machineDies: number;
  /** Per minute of a machine: it cannot be reached for a while. */
  readonly partitioned: number;
  /** Per minute of a machine: its VM agent is taken for dead and replaced, and goes on speaking. */
  readonly speaksOn: number;
  /** Per frame: the connection breaks. */
  readonly cut: number;
  /** Per step of an agent's work: it ends, hangs or fails. */
  readonly agentFails: number;
  /** Per command: the VM agent says that it could not be done. */
  readonly workFails: number;
  /** Per minute: the whole control plane is off for a while. */
  readonly outage: number;
  /** Per minute: the control plane's clock jumps ahead. */
  readonly clockJumps: number;
  /** Per minute: the remote cannot be reached for a while. */
  readonly remoteAway: number;
  /** Per push of saved work: the remote refuses such refs. */
  readonly remoteRefuses: number;
}

/** The rates of a kind of fault that is in a schedule. */
const rates: FaultProfile = {
  slow: 0.05,
  d1Refuses: 0.08,
  d1LosesReply: 0.08,
  callLost: 0.05,
  aborted: 0.04,
  alarmLost: 0.05,
  evicted: 0.15,
  providerFails: 0.15,
  createReplyLost: 0.4,
  listsLate: 0.3,
  staleStatus: 0.3,
  createRefused: 0.3,
  serverHangs: 0.15,
  machineDies: 0.5,
  partitioned: 0.4,
  speaksOn: 0.4,
  cut: 0.02,
  agentFails: 0.06,
  workFails: 0.1,
  outage: 0.25,
  clockJumps: 0.15,
  remoteAway: 0.4,
  remoteRefuses: 0.4,
};

const names = Object.keys(rates).filter(isName);

function isName(name: string): name is keyof FaultProfile {
  return Object.hasOwn(rates, name);
}

export const noFaults: FaultProfile = mapRates(() => 0);

function mapRates(of: (name: keyof FaultProfile) => number): FaultProfile {
  const drawn: Record<keyof FaultProfile, number> = { ...rates };
  for (const name of names) drawn[name] = of(name);
  return drawn;
}

export function drawProfile(chance: Chance): FaultProfile {
  const isCalm = chance.next() < 0.08;
  const isWild = chance.next() < 0.05;
  const share = isCalm ? 0 : isWild ? 1 : 0.1 + 0.4 * chance.next();
  return mapRates((name) => {
    const isIn = chance.next() < share;
    const strength = 0.3 + 1.2 * chance.next();
    return isIn ? rates[name] * strength : 0;
  });
}

/** @returns the kinds that are in it, for the head of a trace. */
export function describeProfile(profile: FaultProfile): string {
  const kinds = names.filter((name) => profile[name] > 0);
  return kinds.map((name) => `${name} ${profile[name].toFixed(3)}`).join(", ") || "no faults";
}
