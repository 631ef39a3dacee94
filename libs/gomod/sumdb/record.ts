import { escapePath } from '../escape.ts';
import type { ModuleVersion } from '../go-mod.ts';
import { databaseFault } from './fault.ts';

/** One record of the log: a module, as the lines of go.sum for it. */
export interface Lookup {
  /** Its number in the log. */
  id: number;
  /** What is hashed: lines that end with a line break. */
  text: string;
}

/** The hashes of a module; one that is not known is undefined. */
export interface RecordedSums {
  h1: string | undefined;
  goModH1: string | undefined;
}

/** `lookup/github.com/!azure/x@v1.0.0` */
export function lookupPath({ path, version }: ModuleVersion): string {
  return `lookup/${escapePath(path)}@${escapePath(version)}`;
}

/** Reads the answer to a lookup: number, text, a blank line, a signed tree head. */
export function parseLookup(answer: string): Lookup & { note: string } {
  const [, number = '', text = '', note = ''] =
    /^(\d+)\n([^\n][\s\S]*?\n)\n([\s\S]*)$/.exec(answer) ?? [];
  const id = number === '' ? Number.NaN : Number(number);
  if (!Number.isSafeInteger(id)) throw databaseFault('the checksum database gave no record');
  return { id, text, note };
}

export function formatLookup({ id, text }: Lookup, note: string): string {
  return `${id}\n${text}\n${note}`;
}

export function formatRecord(
  { path, version }: ModuleVersion,
  { h1, goModH1 }: RecordedSums,
): string {
  return [
    ...(h1 === undefined ? [] : [`${path} ${version} ${h1}\n`]),
    ...(goModH1 === undefined ? [] : [`${path} ${version}/go.mod ${goModH1}\n`]),
  ].join('');
}

/** What the lines of a record say of a module; other lines are passed over, as go does. */
export function recordedSums(text: string, { path, version }: ModuleVersion): RecordedSums {
  const sum = (name: string): string | undefined =>
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} h1:`))
      ?.slice(name.length + 1);
  return { h1: sum(`${path} ${version}`), goModH1: sum(`${path} ${version}/go.mod`) };
}
