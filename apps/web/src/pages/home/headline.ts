/** @returns the headline: does anything need me? */
export function headlineOf(yours: number, running: number): string {
  if (yours > 0) return `${yours} ${yours === 1 ? "task awaits" : "tasks await"} you`;
  return running > 0 ? `Nothing awaits you, ${running} running` : "Nothing awaits you";
}
