import type { Client } from './client/client.ts';
import type { Choice } from './client/endpoint.ts';
import type { ExitCode } from './exit-code.ts';
import type { Terminal } from './terminal/terminal.ts';

/** What every command gets to do its work with. */
export interface Cli {
  readonly terminal: Terminal;
  /** Of the controller that the command line or the environment names. */
  readonly client: Client;
  /** How the controller was named. */
  readonly choice: Choice;
  /** The data folder of the embedded controller. */
  readonly data: string;
  /** What has to be typed again after a command to reach the same controller: ` --data DIR`, or nothing. */
  readonly again: string;
  /** Makes a commander action of a function that says how the command ended. */
  action<A extends unknown[]>(
    run: (...args: A) => Promise<ExitCode>,
  ): (...args: A) => Promise<void>;
}
