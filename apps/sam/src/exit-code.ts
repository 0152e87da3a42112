/** The exit codes of every `sam` command; each command's `--help` lists them. */
export const exitCodes = {
  completed: 0,
  failed: 1,
  usage: 2,
  cancelled: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodesHelp = `
Exit codes:
  0    completed (or: what was asked for was done)
  1    failed
  2    bad usage: an argument, setting, port or data directory that cannot be used
  130  cancelled, or interrupted while the task goes on`;

/** An end that a person can understand and act on: printed as it stands, without a stack. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = exitCodes.failed, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** The command was asked for something that cannot be: exit code 2, and nothing was changed. */
export class UsageError extends CommandError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, exitCodes.usage, options);
  }
}
