/** What a hostile text carries: a script that leaves a trace, and an address that is not ours. Both name their case. */

/** The host of everything that must not be asked for: nobody answers there. */
export const farHost = "evil.invalid";

/** A script that leaves the case's id where a watched page looks for it. No quotation mark, so that it fits anywhere. */
export function run(id: string): string {
  return `window.hostileTrace.push(/${id}/.source)`;
}

export function far(id: string): string {
  return `https://${farHost}/${id}`;
}
