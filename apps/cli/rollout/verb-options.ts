import { Option } from 'commander';
import { inventoryOf, names, quantity, wholeNumber } from '../values.ts';

/** A verb with the options that become its body. */
export interface Verb {
  verb: string;
  description: string;
  options: (() => Option)[];
}

const inflight = () =>
  new Option(
    '--inflight <what>',
    'hosts at work are finished, or stopped at the next safe point',
  ).choices(['drain', 'cancel']);
const hosts = () =>
  new Option('--hosts <names>', 'these hosts: a,b (may be given again)').argParser(names);

const states = (what: string) => () => new Option('--states <states>', what).argParser(names);
const inventory = () =>
  new Option(
    '--inventory <name>',
    'below the inventory folder of the controller, or @FILE to send one',
  ).argParser(inventoryOf);

/** The verbs that the command line knows. */
export const VERBS: Verb[] = [
  {
    verb: 'approve',
    description: 'approve what is asked for: the start, or the gate of a batch',
    options: [
      () => new Option('--plan-digest <digest>', 'what you have read; default: what it says now'),
    ],
  },
  { verb: 'deny', description: 'refuse what is asked for, which ends the rollout', options: [] },
  { verb: 'pause', description: 'start no more hosts until it is resumed', options: [inflight] },
  {
    verb: 'resume',
    description: 'go on with a paused rollout',
    options: [
      () =>
        new Option(
          '--mode <mode>',
          'accept the failures, run what did not succeed again, or leave a batch as it is',
        ).choices(['continue', 'retry', 'skip-batch']),
      () =>
        new Option(
          '--acknowledge <decision>',
          'number of the decision whose failures are accepted',
        ).argParser(wholeNumber),
      () => new Option('--batch <number>', 'with skip-batch: this one').argParser(wholeNumber),
    ],
  },
  {
    verb: 'retry',
    description: 'run some hosts again',
    options: [hosts, states('all hosts in these states: failed,unreachable')],
  },
  {
    verb: 'advance',
    description: 'end the present delay, bake or wait for a window',
    options: [],
  },
  {
    verb: 'skip',
    description: 'drop hosts that have not started or not succeeded',
    options: [hosts, states('all hosts in these states: pending,failed')],
  },
  {
    verb: 'refresh',
    description: 'read again how hosts are reached, and show what changed',
    options: [hosts, inventory],
  },
  {
    verb: 'extend',
    description: 'add new hosts of the inventory as batches at the end',
    options: [
      () =>
        new Option(
          '--targets <pattern>',
          'which hosts; those in it already stay as they are',
        ).makeOptionMandatory(),
      () =>
        new Option(
          '--size <hosts>',
          'of the new batches: 50 or 25%; default: the last of the plan',
        ).argParser(quantity),
      inventory,
    ],
  },
  {
    verb: 'rollback',
    description: 'bring hosts back to what they had before this rollout',
    options: [
      () =>
        new Option('--scope <scope>', 'which hosts; default: the batch that tripped last').choices([
          'failed',
          'batch',
          'all',
          'hosts',
        ]),
      () => new Option('--batch <number>', 'this batch').argParser(wholeNumber),
      hosts,
    ],
  },
  {
    verb: 'abort',
    description: 'end a rollout; hosts that did not start are cancelled',
    options: [
      inflight,
      () =>
        new Option('--rollback <what>', 'bring hosts back too').choices(['none', 'batch', 'all']),
      () => new Option('--stop-rollback', 'end a rollback that is under way'),
    ],
  },
];
