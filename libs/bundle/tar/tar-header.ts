/** What is wrong with a tar; whoever reads it says where it lies. */
export class TarFault extends Error {}

export const BLOCK = 512;

/** One header block of a tar: POSIX ustar, or what GNU tar writes. */
export interface TarHeader {
  name: string;
  /** Bytes that follow it. */
  size: number;
  mode: number;
  /** The type flag: `0` is a file, `5` a folder, `x` a record about the next entry. */
  type: string;
  /** Where a link points; empty for others. */
  target: string;
}

/** undefined for a block of zeros, which ends a tar. Throws `TarFault`. */
export function readTarHeader(block: Buffer): TarHeader | undefined {
  if (block.length < BLOCK) throw new TarFault('it ends too early');
  if (isZero(block)) return undefined;
  if (octal(block.subarray(148, 156)) !== checksum(block))
    throw new TarFault('a header has a wrong checksum, or it is no tar');
  const type = String.fromCharCode(block[156] || 0x30);
  const name = text(block.subarray(0, 100));
  return {
    name: `${prefixOf(block)}${name}`,
    size: sizeOf(block.subarray(124, 136)),
    mode: octal(block.subarray(100, 108)),
    // tar from before POSIX marks folders by their names alone
    type: type === '0' && name.endsWith('/') ? '5' : type,
    target: text(block.subarray(157, 257)),
  };
}

const USTAR = Buffer.from('ustar\0');

/** GNU tar puts times where POSIX has the first part of a long name. */
function prefixOf(block: Buffer): string {
  if (!block.subarray(257, 263).equals(USTAR)) return '';
  const prefix = text(block.subarray(345, 500));
  return prefix === '' ? '' : `${prefix}/`;
}

function checksum(block: Buffer): number {
  let sum = 8 * 32; // the field itself counts as spaces
  for (let at = 0; at < BLOCK; at += 1) if (at < 148 || at >= 156) sum += block[at] ?? 0;
  return sum;
}

/** Octal, or from 8 GiB on the GNU way: binary with the first bit set. */
function sizeOf(field: Buffer): number {
  const binary = ((field[0] ?? 0) & 0x80) !== 0;
  return checkedSize(binary ? Number(field.readBigUInt64BE(4)) : octal(field));
}

/** Sizes beyond what a number holds exactly are a lie. Throws `TarFault`. */
export function checkedSize(size: number): number {
  if (Number.isSafeInteger(size) && size >= 0) return size;
  throw new TarFault('a header has no sensible size');
}

function octal(field: Buffer): number {
  const digits = text(field).trim() || '0';
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
}

function text(field: Buffer): string {
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end === -1 ? field.length : end);
}

export function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}
