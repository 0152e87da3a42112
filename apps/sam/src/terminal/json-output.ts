/** What `--json` prints: one JSON document, or for what goes on in time one JSON text a line. */

export function printJson(value: unknown, output: { write(text: string): unknown } = process.stdout): void {
  output.write(`${JSON.stringify(value)}\n`);
}
