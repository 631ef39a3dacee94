import { readFile } from 'node:fs/promises';
import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { parseDocument } from '#document';
import { GofleetError } from '#errors';
import { inventoryFromValue, matchHosts } from '#inventory';
import { z } from 'zod';

const Network = z
  .string()
  .refine((text) => networkOf(text) !== undefined, 'must be an address or CIDR such as 10.0.0.0/8');

const Pattern = z
  .string()
  .min(1)
  .refine((text) => !/^@|[,:]@|\[/.test(text), 'must not name places in a list or files');

const Rule = z.strictObject({
  /** Names of `secret:env:NAME` and `secret:file:NAME`. */
  secrets: z.array(z.string().min(1)).default([]),
  /** Names below the keys folder, or absolute paths. */
  keys: z.array(z.string().min(1)).default([]),
  /** Absent: for all hosts. */
  hosts: Pattern.default('all'),
  /** Absent: wherever the host is. */
  networks: z.array(Network).min(1).optional(),
});
type Rule = z.infer<typeof Rule>;

/** worker.yaml: what this worker may use, and for which hosts. */
export const WorkerConfig = z.strictObject({ allow: z.array(Rule) });

/** The host that a secret or key is wanted for. */
export interface AskedHost {
  name: string;
  groups: string[];
  address: string;
}

/** Whether a secret or key, by its name, may be used for a host. */
export type Allows = (kind: 'secrets' | 'keys', name: string, host: AskedHost) => Promise<boolean>;

/** The rules of worker.yaml; without that file everything or nothing. Throws `invalid_file` with lines. */
export async function readRules(file: string | undefined, trusting: boolean): Promise<Allows> {
  const text = file === undefined ? undefined : await textOf(file);
  if (text === undefined) return async () => trusting;
  const { allow } = parseDocument(text, WorkerConfig, { name: file ?? 'worker.yaml' });
  return async (kind, name, host) => {
    for (const rule of allow)
      if (rule[kind].includes(name) && isFor(rule, host) && (await isWithin(rule, host)))
        return true;
    return false;
  };
}

function isFor(rule: Rule, { name, groups }: AskedHost): boolean {
  const alone = { hosts: { [name]: null } };
  const children = Object.fromEntries(groups.map((group) => [group, alone]));
  const inventory = inventoryFromValue({ all: { ...alone, children } });
  return matchHosts(inventory, rule.hosts).names.includes(name);
}

/** A name has to lead into the networks with all of its addresses. */
async function isWithin({ networks }: Rule, { address }: AskedHost): Promise<boolean> {
  if (!networks) return true;
  const list = new BlockList();
  for (const network of networks) {
    const found = networkOf(network);
    if (found) list.addSubnet(found.address, found.bits, found.family);
  }
  const addresses = await lookup(address, { all: true }).catch(() => []);
  return (
    addresses.length > 0 &&
    addresses.every((each) => list.check(each.address, each.family === 6 ? 'ipv6' : 'ipv4'))
  );
}

function networkOf(text: string) {
  const [address = '', bits] = text.split('/');
  const version = isIP(address);
  const most = version === 6 ? 128 : 32;
  const length = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
  if (version === 0 || length < 0 || length > most) return undefined;
  return { address, bits: length, family: version === 6 ? ('ipv6' as const) : ('ipv4' as const) };
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new GofleetError('invalid_file', `${file} cannot be read`, {
      remedy: 'Let the user of the worker read it, or remove it.',
      cause,
    });
  }
}
