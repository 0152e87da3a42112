/** What every command works with: the data directory, the screen, the API, and whether a program listens. */
import { ApiClient } from "./client/api-client.ts";
import { locateSystem } from "./client/endpoint.ts";
import { type DataDirectory, locateDataDirectory, requireReadable } from "./data-directory/data-directory.ts";
import { Terminal } from "./terminal/terminal.ts";

/** The options that every command has. */
export interface CommonOptions {
  readonly dataDir?: string;
  readonly json?: boolean;
}

export interface CommandContext {
  readonly directory: DataDirectory;
  /** Whether to print JSON instead of lines for a person. */
  readonly json: boolean;
  readonly terminal: Terminal;
  readonly api: ApiClient;
}

export function commandContext(options: CommonOptions): CommandContext {
  const directory = locateDataDirectory(options.dataDir);
  requireReadable(directory);
  return {
    directory,
    json: options.json === true,
    terminal: new Terminal(),
    api: new ApiClient(locateSystem(directory)),
  };
}
