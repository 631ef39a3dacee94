import { GofleetError, type ErrorCode } from '#errors';
import { formatBytes } from '#units';
import type { Facts } from './host/facts.ts';
import type { Step, Upload } from './steps.ts';

/** Free space that stays free: the file system is also the host's own. */
const RESERVE_BYTES = 32_000_000;
const RESERVE_INODES = 200;
/** Every file fills its last block only in part. */
const HALF_A_BLOCK = 2048;

interface Unfitness {
  code: ErrorCode;
  when: (found: Facts, need: Need) => boolean;
  message: (found: Facts, need: Need) => string;
  remedy: string;
}

interface Need {
  bytes: number;
  inodes: number;
}

/** Why a host cannot be worked on, known before a byte is sent: the first row that fits. */
const UNFIT: Unfitness[] = [
  {
    code: 'root_unsafe',
    when: ({ unsafe }) => unsafe.length > 0,
    message: ({ unsafe, root }) => {
      const [first] = unsafe;
      return `${first?.folder} above or at ${root} has owner ${first?.owner} and mode ${first?.mode}: others could put their own Go there`;
    },
    remedy:
      'Give the folder to root and take away the write permission of others, or name another `gofleet_root`.',
  },
  {
    code: 'tools',
    when: ({ lacks }) => lacks.length > 0,
    message: ({ lacks }) => `the host lacks ${lacks.join(', ')}`,
    remedy: 'Install them on the host (on most systems: coreutils, tar, gzip, findutils, sed).',
  },
  {
    code: 'root_unsafe',
    when: ({ noexec }) => noexec,
    message: ({ root }) => `no program may run below ${root}: its file system is mounted noexec`,
    remedy: 'Mount it without noexec, or name another `gofleet_root`.',
  },
  {
    code: 'disk',
    when: ({ freeBytes }, { bytes }) => freeBytes < bytes,
    message: ({ freeBytes, root }, { bytes }) =>
      `${root} needs ${formatBytes(bytes)} free, the host has ${formatBytes(freeBytes)}`,
    remedy: 'Free space on the host and retry.',
  },
  {
    code: 'inodes',
    when: ({ freeInodes }, { inodes }) => freeInodes !== null && freeInodes < inodes,
    message: ({ freeInodes, root }, { inodes }) =>
      `${root} needs ${inodes} free inodes, the host has ${freeInodes}`,
    remedy: 'Remove files on the host and retry.',
  },
];

/** Throws what makes a host unfit for its steps, with the numbers. A host that lacks nothing is always fit. */
export function refuseUnfit(found: Facts, steps: readonly Step[]): void {
  const [first] = unfitnessOf(found, steps);
  if (first) throw first;
}

/** All that makes a host unfit, where nothing is asked of it too. */
export function unfitnessOf(found: Facts, steps: readonly Step[] = []): GofleetError[] {
  const need = needOf(steps);
  const details = { ...need, freeBytes: found.freeBytes, freeInodes: found.freeInodes };
  return UNFIT.filter(({ when }) => when(found, need)).map(
    ({ code, message, remedy }) =>
      new GofleetError(code, message(found, need), { remedy, details }),
  );
}

/** What the steps fill: every tree, and the largest upload beside it, since a part goes once it is unpacked. */
export function needOf(steps: readonly Step[]): Need {
  const uploads = steps.flatMap((step) => ('upload' in step ? [step.upload] : []));
  const linked = steps.filter((step) => step.step === 'linkGo').length * 8_000_000;
  const builds = sum(steps.map((step) => ('cacheBytes' in step ? step.cacheBytes : 0)));
  if (uploads.length === 0 && linked === 0) return { bytes: 0, inodes: 0 };
  const rest = Math.max(0, ...uploads.map(({ size, offset }) => size - offset));
  const unpacked = sum(uploads.map(unpackedOf));
  return {
    bytes: rest + unpacked + linked + builds + RESERVE_BYTES,
    inodes: Math.ceil(sum(uploads.map(({ entries }) => entries)) * 1.1) + RESERVE_INODES,
  };
}

function unpackedOf({ unpackedBytes, entries }: Upload): number {
  return Math.ceil(Math.max(unpackedBytes * 1.1, unpackedBytes + entries * HALF_A_BLOCK));
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
