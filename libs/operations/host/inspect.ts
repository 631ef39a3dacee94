import { literally } from '../command.ts';
import type { Become } from '../task.ts';
import type { Transport } from '../transport.ts';
import { readFacts, type Facts } from './facts.ts';
import { runScript } from './session.ts';
import { refuseUnfit } from '../unfit.ts';

export interface InspectOptions {
  become?: Become | undefined;
  root?: string | undefined;
  /** Milliseconds. */
  timeout: number;
}

/**
 * Asks what a rollout would ask before a byte is sent, and changes nothing: neither a folder nor a claim is made.
 * Throws what would stop it: `sudo`, `tools`, `root_unsafe`.
 */
export async function inspectHost(transport: Transport, options: InspectOptions): Promise<Facts> {
  const { become, root, timeout } = options;
  const task = {
    task: 'probe' as const,
    rollout: '',
    fleet: '',
    epoch: 0,
    adopt: false,
    switched: false,
    root,
    become,
    operations: [],
    timeouts: { connect: timeout, step: timeout, host: timeout },
    retries: { attempts: 1, backoff: 0, maxBackoff: 0 },
  };
  const questions = literally('where\nsay_platform\nsay_fault_of_root || :\nsay_space');
  const facts = readFacts(
    await runScript({ transport, task }, questions, { timeout, first: true }),
  );
  refuseUnfit(facts, []);
  return facts;
}
