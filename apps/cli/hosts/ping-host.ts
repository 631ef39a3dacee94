import { userInfo } from 'node:os';
import { GofleetError, isGofleetError } from '#errors';
import { lookUpPins, type Host, type KnownHosts } from '#inventory';
import { inspectHost, type Facts } from '#operations';
import { resolveCredentials, type Jumps, type Resolved, type SecretPlaces } from '#ssh';
import { formatBytes } from '#units';

export interface PingOptions {
  /** Where keys and secrets lie on this machine; the person who types may use all of them. */
  places: SecretPlaces;
  known: KnownHosts;
  /** Shared by all hosts that are pinged. */
  jumps: Jumps;
  /** Milliseconds to connect and log in, and again for the answer. */
  timeout: number;
  /** Bytes that must be free; a Go toolchain and its upload. */
  minFree: number;
}

/** What a host says of itself. */
export interface Pinged {
  user: string;
  root: string;
  platform: string;
  freeBytes: number;
  freeInodes: number | null;
}

/** As a rollout sets up where its plan says nothing else. */
const HANDSHAKES_PER_JUMP = 8;
/** A Go toolchain has some 14,000 files and folders. */
const MIN_INODES = 20_000;

/**
 * Connects, logs in, becomes root where the inventory says so, and asks what a rollout would ask before a byte is
 * sent; changes nothing. Throws what would stop it: `auth`, `host_key_…`, `sudo`, `disk`, `inodes`, `platform`, `root_unsafe`, `tools`, ….
 */
export async function pingHost(host: Host, options: PingOptions): Promise<Pinged> {
  const { timeout } = options;
  const { port, user = userInfo().username } = host.connection;
  const hostKeys = pinsOf(host, options.known);
  const { address, credentials, becomePassword } = await resolveHere(host, options);
  const target = { address, port, user, hostKeys };
  const jumps = host.connection.jumps.map((jump) => ({
    ...jump,
    hostKeys: pinsOf({ name: jump.name, connection: jump }, options.known),
  }));
  await using transport = await options.jumps.connect(target, credentials, {
    timeout,
    jumps,
    handshakesPerJump: HANDSHAKES_PER_JUMP,
  });
  const { become, becomeUser, root } = host.connection;
  const facts = await inspectHost(transport, {
    become: become ? { user: becomeUser, password: becomePassword } : undefined,
    root,
    timeout,
  });
  refuse(facts, options);
  return {
    user: facts.user,
    root: facts.root,
    platform: `${facts.os}/${facts.arch}`,
    freeBytes: facts.freeBytes,
    freeInodes: facts.freeInodes,
  };
}

async function resolveHere(host: Host, { places }: PingOptions): Promise<Resolved> {
  try {
    return await resolveCredentials(host, places);
  } catch (error) {
    if (!isGofleetError(error, 'secret_missing')) throw error;
    throw new GofleetError('secret_missing', error.message, {
      remedy: 'Name the folder that has it with --keys or --secrets, or export the variable here.',
      cause: error,
    });
  }
}

interface Pinnable {
  name: string;
  connection: Pick<Host['connection'], 'address' | 'port' | 'hostKeys'>;
}

/** As a rollout looks them up: the inventory, then known_hosts by name, then by address. */
function pinsOf({ name, connection }: Pinnable, known: KnownHosts): string[] {
  const { address, port, hostKeys } = connection;
  if (hostKeys.length > 0) return hostKeys;
  const byName = lookUpPins(known, name, port);
  const pins = byName.keys.length > 0 ? byName : lookUpPins(known, address, port);
  if (!pins.unsupported && !byName.unsupported) return pins.keys;
  throw new GofleetError('host_key_unsupported', `${name} is known by a certificate alone`, {
    remedy: 'Pin its own key: see it with "gofleet hosts scan".',
  });
}

function refuse(facts: Facts, { minFree }: PingOptions): void {
  const { os, arch, machine, freeBytes, freeInodes, root } = facts;
  if (os !== 'linux' || arch === undefined)
    throw new GofleetError('platform', `there is no Go for ${os} on ${machine}`, {
      remedy: 'Leave this host out of the targets.',
    });
  if (freeBytes < minFree)
    throw new GofleetError('disk', `${formatBytes(freeBytes)} are free for ${root}`, {
      remedy: `Free ${formatBytes(minFree)}, or ask for less with --min-free.`,
    });
  if (freeInodes !== null && freeInodes < MIN_INODES)
    throw new GofleetError('inodes', `${freeInodes} inodes are free for ${root}`, {
      remedy: 'Remove files on the host: a Go toolchain takes 14,000.',
    });
}
