/** What the control plane could not do: one line of JSON for the log, never a secret, never a prompt. */
export function report(what: string, error: unknown): void {
  const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  console.error(JSON.stringify({ at: new Date().toISOString(), what, detail }));
}
