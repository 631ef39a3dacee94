import { GofleetError, type ErrorCode } from '#errors';
import { formatBytes } from '#units';
import type { Task } from '../task.ts';
import type { RemoteResult } from '../transport.ts';

const FULL = /No space left on device|Disk quota exceeded/;
/** Bytes and inodes below which not even a state file can be relied on. */
const LITTLE = 65_536;
const FEW_INODES = 4;

interface Fault {
  code: ErrorCode;
  message: string;
  remedy: string;
  retryable?: boolean;
  /** The script gave up before it changed anything. */
  untouched?: boolean;
}

/** What went wrong with a script; undefined when it came to its end. */
export function faultOf(
  said: readonly string[],
  result: RemoteResult,
  task: Task,
): GofleetError | undefined {
  const word = said.find((line) => line.startsWith('fault '));
  const room = roomOf(said);
  if (word) return raise(named(word.slice('fault '.length).split(' '), result), result, room);
  if (result.code === 0 && said.at(-1) === 'end') return undefined;
  return raise(unfinished(said, result, task), result, room);
}

/** What nologin(8) says; sshd may close the channel of a program that ends at once before it tells its exit code. */
const NO_LOGIN = /account is currently not available/;

/** A script that did not come to its end: the first row that fits says why. */
function unfinished(said: readonly string[], result: RemoteResult, task: Task): Fault {
  const last = lastLine(result.stderr) || lastLine(result.stdout) || 'it said nothing';
  if (result.code === undefined && !NO_LOGIN.test(result.stderr))
    return {
      code: 'cut',
      message: `the connection was cut while a script ran${result.signal ? ` (SIG${result.signal})` : ''}`,
      remedy: 'Look at the network between worker and host, then try again.',
    };
  if (said.length === 0)
    return {
      code: 'tools',
      message: `the login shell did not start /bin/sh with head: ${last}`,
      remedy: 'Give the login user a shell that may run commands, and install coreutils.',
    };
  if (!said.includes('begin'))
    return {
      code: 'sudo',
      message: `sudo to ${task.become?.user ?? 'root'} failed: ${last}`,
      remedy: 'Check `ansible_become_password` and what sudoers allows this user.',
    };
  return {
    code: 'remote',
    message: `a script ended with code ${result.code} before its end: ${last}`,
    remedy: 'Look into the log of the host for what it printed.',
  };
}

/** The words that scripts give up with. */
function named(words: string[], result: RemoteResult): Fault {
  const [word = '', first = '', second = ''] = words;
  const last = lastLine(result.stderr);
  const rows: Record<string, Fault> = {
    unwritable: {
      code: 'root_unsafe',
      message: `${first} cannot be written${last ? `: ${last}` : ''}`,
      remedy: 'Make the folder writable for the user, or name another one as `gofleet_root`.',
    },
    host_locked: {
      code: 'host_locked',
      message: `another gofleet script held the lock of the host for ${first} s`,
      remedy: 'Look on the host what holds <root>/lock, end it, and retry.',
    },
    foreign_fleet: {
      code: 'foreign_fleet',
      message: `the host belongs to fleet ${first} (epoch ${second})`,
      remedy: 'Work on it from the controller it belongs to, or `gofleet hosts adopt` it.',
    },
    state_unreadable: {
      code: 'foreign_fleet',
      message: `${first} was not written by this release of gofleet`,
      remedy: 'Look at the file; remove it only if no other gofleet works on this host.',
      retryable: false,
    },
    superseded: {
      code: 'host_ahead',
      message: `the host obeys epoch ${first}, which is greater than this claim's`,
      remedy:
        'Where another controller works with a copy of this ledger, stop one of them; where this ledger was restored, run `gofleet recover`.',
    },
    stale: {
      code: 'superseded',
      message: `the host was claimed by fleet ${first} with epoch ${second} in the meantime`,
      remedy: 'Nothing: the newer claim does the work.',
      untouched: true,
    },
    moved: {
      code: 'remote',
      message: `the partial upload has ${first} bytes and not what was found before`,
      remedy: 'Retry; it goes on from where the upload is.',
      retryable: true,
    },
    changed: {
      code: 'remote',
      message: `${first} was changed by somebody while gofleet was at work`,
      remedy: 'Retry; what is there now will be looked at again.',
      retryable: true,
      untouched: true,
    },
    short: {
      code: 'cut',
      message: `the upload ended at ${first} bytes`,
      remedy: 'Look at the network between worker and host, then try again.',
    },
    receive: {
      code: 'cut',
      message: `the upload broke off${last ? `: ${last}` : ''}`,
      remedy: 'Look at the network between worker and host, then try again.',
    },
    checksum: {
      code: 'checksum',
      message: `what arrived has the hash ${first}`,
      remedy:
        'Look at the memory and the disk of the host, and at what is between worker and host.',
    },
    kept_gone: {
      code: 'rollback_failed',
      message: `${first}, which had been kept, is gone`,
      remedy: 'Restore it by hand from a backup.',
    },
  };
  const other: Fault = {
    code: 'remote',
    message: `${words.join(' ')} failed${last ? `: ${last}` : ''}`,
    remedy: 'Look into the log of the host for what it printed.',
  };
  return rows[word] ?? other;
}

/** Where nothing can be written any more, that is what is wrong, whatever it broke. */
function raise(fault: Fault, result: RemoteResult, room: Room | undefined): GofleetError {
  const { code, message, remedy, retryable } = fullness(fault, result, room) ?? fault;
  return new GofleetError(code, message, {
    remedy,
    retryable,
    details: {
      untouched: fault.untouched,
      exitCode: result.code,
      stderr: result.stderr.slice(-2000),
    },
  });
}

interface Room {
  bytes: number;
  /** Null where the file system does not count them. */
  inodes: number | null;
}

function roomOf(said: readonly string[]): Room | undefined {
  const [free, block, inodes, freeInodes] =
    said
      .find((line) => line.startsWith('space '))
      ?.split(' ')
      .slice(1)
      .map(Number) ?? [];
  if (free === undefined || block === undefined) return undefined;
  return { bytes: free * block, inodes: inodes ? (freeInodes ?? null) : null };
}

function fullness(fault: Fault, { stderr }: RemoteResult, room?: Room): Fault | undefined {
  const broken = FULL.test(stderr);
  if (!broken && fault.code !== 'root_unsafe') return undefined;
  const remedy = 'Free space on the host and retry; a partial upload is kept.';
  if (room && room.inodes !== null && room.inodes < FEW_INODES)
    return {
      code: 'inodes',
      message: `the host has ${room.inodes} free inodes: ${fault.message}`,
      remedy,
    };
  if (broken || (room && room.bytes < LITTLE))
    return {
      code: 'disk',
      message: `the disk of the host is full${room ? ` (${formatBytes(room.bytes)} free)` : ''}: ${fault.message}`,
      remedy,
    };
  return undefined;
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim().slice(0, 300) ?? '';
}
