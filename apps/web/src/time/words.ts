/** Times in words: relative first, the exact one a press away. Never more precise than it is useful. */
const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** @returns a length such as "0.4 s", "12 s", "3 m 12 s", "2 h 05 m", "4 d 3 h". */
export function durationText(durationMs: number): string {
  const ms = Math.max(0, durationMs);
  if (ms < 100) return `${Math.round(ms)} ms`;
  if (ms < 10 * second) return `${(Math.floor(ms / 100) / 10).toString()} s`;
  if (ms < minute) return `${Math.floor(ms / second)} s`;
  if (ms < hour) return joined(ms, minute, "m", second, "s");
  if (ms < day) return joined(ms, hour, "h", minute, "m");
  const days = Math.floor(ms / day);
  const hours = Math.floor((ms % day) / hour);
  return hours === 0 ? `${days} d` : `${days} d ${hours} h`;
}

function joined(ms: number, large: number, largeUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((ms % large) / small);
  const whole = `${Math.floor(ms / large)} ${largeUnit}`;
  return rest === 0 ? whole : `${whole} ${rest.toString().padStart(2, "0")} ${smallUnit}`;
}

/** @returns an age of whole units such as "now", "8 s ago", "5 m ago", "3 h ago", "2 d ago"; ahead of us "in 5 m". */
export function ageText(at: number, now: number): string {
  const ms = Math.abs(now - at);
  if (ms < second) return "now";
  const length = wholeUnits(ms);
  return at <= now ? `${length} ago` : `in ${length}`;
}

function wholeUnits(ms: number): string {
  if (ms < minute) return `${Math.floor(ms / second)} s`;
  if (ms < hour) return `${Math.floor(ms / minute)} m`;
  if (ms < day) return `${Math.floor(ms / hour)} h`;
  return `${Math.floor(ms / day)} d`;
}

const timeOfDay = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const dateAndTime = new Intl.DateTimeFormat(undefined, {
  year: "numeric",
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
  timeZoneName: "short",
});

/** @returns the exact time, with its zone. */
export function exactText(at: number): string {
  return dateAndTime.format(at);
}

/** @returns the time of day; of another day, with its date. */
export function clockText(at: number, now: number): string {
  return Math.abs(now - at) < 20 * hour ? timeOfDay.format(at) : dateAndTime.format(at);
}
