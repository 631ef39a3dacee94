import type { Account } from './account.ts';
import type { ProcessId } from './processes.ts';
import type { LabMode, Link } from './types.ts';

/** All that the keeper needs to start a lab. */
export interface LabWish {
  id: string;
  mode: LabMode;
  folder: string;
  base: string;
  subnet: string | undefined;
  authorizedKeys: string;
  account: Account;
  keep: boolean;
  hosts: { name: string; diskMb: number; proxied: boolean }[];
}

export interface KeptHost {
  address: string;
  port: number;
  hostKey: string;
}

export type KeeperRequest =
  | { verb: 'open'; wish: LabWish }
  | { verb: 'close' }
  | { verb: 'start' | 'stop' | 'pid' | 'free' | 'fillInodes' | 'counters'; host: number }
  | { verb: 'fill'; host: number; leaveMb: number }
  | { verb: 'key'; host: number; which: 'first' | 'second' }
  | { verb: 'link'; host: number; link: Link };

export interface KeeperAnswer {
  number: number;
  value?: unknown;
  error?: string;
}

/** `lab.json` in the folder of a lab. */
export interface LabRecord {
  id: string;
  keeper: ProcessId | undefined;
  processes: ProcessId[];
  keep: boolean;
}
