import { lookup } from 'node:dns/promises';
import { readFile, realpath } from 'node:fs/promises';
import { isIP } from 'node:net';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { GofleetError } from '#errors';
import { isAllowed, type AllowRule, type AllowedHost } from './allow.ts';
import type { Credentials } from './connect.ts';

/** How a host is reached, as a claim says it: keys and secrets are names. */
export interface ConnectionNames {
  address: string;
  keyFile?: string | undefined;
  password?: string | undefined;
  becomePassword?: string | undefined;
  /** Where there are any, the last of them finds the address. */
  jumps?: readonly unknown[];
}

/** Where this worker has its keys and secrets, and what it may use them for. */
export interface SecretPlaces {
  keysFolder: string;
  secretsFolder: string;
  /** The environment, for `secret:env:GOFLEET_SECRET_…`. */
  env: Record<string, string | undefined>;
  allow: readonly AllowRule[] | 'all';
}

export interface Resolved {
  /** What the rules were asked about: connect to this one. An IP address, but for a name behind a jump host. */
  address: string;
  credentials: Credentials;
  becomePassword: string | undefined;
}

/** Keys that are tried where none is named, the first that is there. */
const USUAL_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

/**
 * Turns names into keys and passwords, as far as this worker's rules allow it for this host. Throws
 * `secret_not_allowed`, `secret_missing`, `name_unknown`.
 */
export async function resolveCredentials(
  host: { name: string; groups: readonly string[]; connection: ConnectionNames },
  places: SecretPlaces,
): Promise<Resolved> {
  const { connection } = host;
  const behind = (connection.jumps ?? []).length > 0;
  const address = behind ? connection.address : await addressOf(connection.address);
  const asked = { name: host.name, groups: host.groups, address };
  const [privateKey, password, becomePassword] = await Promise.all([
    readKey(connection, asked, places),
    readSecret(connection.password, asked, places),
    readSecret(connection.becomePassword, asked, places),
  ]);
  return { address, credentials: { privateKey, password }, becomePassword };
}

async function addressOf(address: string): Promise<string> {
  if (isIP(address) !== 0) return address;
  try {
    return (await lookup(address)).address;
  } catch (error) {
    throw new GofleetError('name_unknown', `the address ${address} cannot be resolved`, {
      remedy: 'Correct `ansible_host`, or the name service of the worker.',
      cause: error,
    });
  }
}

async function readKey(
  { keyFile, password }: ConnectionNames,
  host: AllowedHost,
  places: SecretPlaces,
): Promise<Buffer | undefined> {
  if (keyFile === undefined) return password === undefined ? usualKey(host, places) : undefined;
  const file = resolve(places.keysFolder, keyFile.replace(/^~(?=\/)/, places.env['HOME'] ?? '~'));
  const name = await nameOfKey(file, places.keysFolder);
  if (
    name === undefined &&
    places.allow !== 'all' &&
    !isAllowed(places.allow, 'keys', keyFile, host)
  )
    throw notAllowed('key', keyFile, host);
  if (name !== undefined && !isAllowed(places.allow, 'keys', name, host))
    throw notAllowed('key', name, host);
  return readFile(file).catch((error: unknown) => {
    throw missing(`the key ${keyFile} cannot be read`, 'keys', error);
  });
}

async function usualKey(host: AllowedHost, places: SecretPlaces): Promise<Buffer | undefined> {
  for (const name of USUAL_KEYS) {
    const key = await readFile(join(places.keysFolder, name)).catch(() => undefined);
    if (key && isAllowed(places.allow, 'keys', name, host)) return key;
  }
  throw missing('no key and no password is named for the host', 'keys', undefined);
}

/** The name below the keys folder; undefined for a file that really lies elsewhere. */
async function nameOfKey(file: string, keysFolder: string): Promise<string | undefined> {
  const [real, folder] = await Promise.all([
    realpath(file).catch(() => file),
    realpath(keysFolder).catch(() => keysFolder),
  ]);
  const name = relative(folder, real);
  return name === '' || name.startsWith('..') || isAbsolute(name) ? undefined : name;
}

async function readSecret(
  reference: string | undefined,
  host: AllowedHost,
  places: SecretPlaces,
): Promise<string | undefined> {
  if (reference === undefined) return undefined;
  const [, source, name = ''] = /^secret:(env|file):(.+)$/s.exec(reference) ?? [];
  if (source === undefined)
    throw new GofleetError('plaintext_secret', 'a password is no reference to a secret', {
      remedy: 'Write `secret:env:GOFLEET_SECRET_NAME` or `secret:file:NAME` in the inventory.',
    });
  if (!isAllowed(places.allow, 'secrets', name, host)) throw notAllowed('secret', name, host);
  return source === 'env' ? fromEnvironment(name, places) : fromFile(name, places);
}

function fromEnvironment(name: string, { env }: SecretPlaces): string {
  const value = /^GOFLEET_SECRET_\w+$/.test(name) ? env[name] : undefined;
  if (value !== undefined && value !== '') return value;
  throw missing(`the variable ${name} is not set for the worker`, 'environment', undefined);
}

async function fromFile(name: string, { secretsFolder }: SecretPlaces): Promise<string> {
  if (!/^[\w.-]+$/.test(name) || /^\.+$/.test(name))
    throw missing(`${name} is no name of a secret`, 'secrets', undefined);
  const text = await readFile(join(secretsFolder, name), 'utf8').catch((error: unknown) => {
    throw missing(`the secret ${name} cannot be read`, 'secrets', error);
  });
  return text.replace(/\r?\n$/, '');
}

function notAllowed(what: string, name: string, host: AllowedHost): GofleetError {
  return new GofleetError(
    'secret_not_allowed',
    `this worker may not use the ${what} ${name} for ${host.name} (${host.address})`,
    { remedy: 'Add a rule with this name, host and network to `allow` in its worker.yaml.' },
  );
}

function missing(message: string, where: string, cause: unknown): GofleetError {
  return new GofleetError('secret_missing', message, {
    remedy: `Put it into the ${where} of the worker, readable for it, and retry.`,
    cause,
  });
}
