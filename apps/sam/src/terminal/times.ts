/** Times and durations as a person reads them. */

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Such as `40 ms`, `3.4 s`, `3 m 12 s`, `2 h 5 m`, `6 d 4 h`; and `5 m` where there is no rest. */
export function duration(ms: number): string {
  const span = Math.max(0, ms);
  if (span < second) return `${Math.round(span)} ms`;
  if (span < minute) return `${(Math.floor(span / 100) / 10).toFixed(1)} s`;
  if (span < hour) return inTwo(span, [minute, "m"], [second, "s"]);
  if (span < day) return inTwo(span, [hour, "h"], [minute, "m"]);
  return inTwo(span, [day, "d"], [hour, "h"]);
}

type Unit = readonly [lengthMs: number, name: string];

function inTwo(span: number, [large, largeName]: Unit, [small, smallName]: Unit): string {
  const rest = Math.floor((span % large) / small);
  return `${Math.floor(span / large)} ${largeName}${rest === 0 ? "" : ` ${rest} ${smallName}`}`;
}

/** A clock that ticks: whole seconds only, so that a waiting line doesn't flicker. */
export function runningClock(ms: number): string {
  return ms < minute ? `${Math.max(0, Math.floor(ms / second))} s` : duration(ms);
}

/** The time of day here, such as `14:02:03`. */
export function timeOfDay(at: number): string {
  const time = new Date(at);
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
}

/** Day and time of day here, such as `2026-11-23 14:02:03`. */
export function dateAndTime(at: number): string {
  const time = new Date(at);
  const date = [time.getFullYear(), time.getMonth() + 1, time.getDate()];
  return `${date.map((part) => String(part).padStart(2, "0")).join("-")} ${timeOfDay(at)}`;
}

/** How long ago, such as `8 s ago`. */
export function ago(at: number, nowMs: number): string {
  return nowMs - at < second ? "just now" : `${runningClock(nowMs - at)} ago`;
}
