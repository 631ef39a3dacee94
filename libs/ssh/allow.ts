import { BlockList, isIP } from 'node:net';
import { z } from 'zod';

const Cidr = z
  .string()
  .refine((text) => cidr(text) !== undefined, 'must be a network as 10.1.0.0/16');

/** One rule of worker.yaml: these secrets and keys may be used for these hosts in these networks. */
export const AllowRule = z.strictObject({
  secrets: z.array(z.string().min(1)).default([]),
  keys: z.array(z.string().min(1)).default([]),
  /** Names, groups, `*` and `?`, joined by `:`; `&` narrows, `!` takes away. */
  hosts: z.string().min(1),
  networks: z.array(Cidr).min(1),
});
export type AllowRule = z.infer<typeof AllowRule>;

/** worker.yaml: what this worker may do with its secrets, and for whom. */
export const WorkerFile = z.strictObject({ allow: z.array(AllowRule) });
export type WorkerFile = z.infer<typeof WorkerFile>;

/** Who is asked about. */
export interface AllowedHost {
  name: string;
  groups: readonly string[];
  /** The IP address that is connected to; behind a jump host it may be a name, which is in no network. */
  address: string;
}

/** Whether a rule lets the worker use a secret or key, by its name, for a host. */
export function isAllowed(
  rules: readonly AllowRule[] | 'all',
  kind: 'secrets' | 'keys',
  name: string,
  host: AllowedHost,
): boolean {
  if (rules === 'all') return true;
  return rules.some(
    (rule) =>
      rule[kind].some((allowed) => allowed === '*' || allowed === name) &&
      matchesPattern(rule.hosts, host) &&
      isInside(rule.networks, host.address),
  );
}

/** A host pattern over its name and groups: `web:&dc1:!db-*`, `all`. */
export function matchesPattern(
  pattern: string,
  host: Pick<AllowedHost, 'name' | 'groups'>,
): boolean {
  const parts = pattern.split(/[:,]/).filter(Boolean);
  const is = (part: string) =>
    part === 'all' || [host.name, ...host.groups].some((name) => glob(part).test(name));
  const plain = parts.filter((part) => !/^[&!]/.test(part));
  return (
    (plain.length === 0 || plain.some(is)) &&
    parts.filter((part) => part.startsWith('&')).every((part) => is(part.slice(1))) &&
    !parts.filter((part) => part.startsWith('!')).some((part) => is(part.slice(1)))
  );
}

function glob(part: string): RegExp {
  const text = part.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${text.replaceAll('*', '.*').replaceAll('?', '.')}$`);
}

function isInside(networks: readonly string[], address: string): boolean {
  if (isIP(address) === 0) return false;
  const list = new BlockList();
  for (const network of networks) {
    const [base, bits, family] = cidr(network) ?? [];
    if (base !== undefined && bits !== undefined) list.addSubnet(base, bits, family);
  }
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

function cidr(text: string): [string, number, 'ipv4' | 'ipv6'] | undefined {
  const match = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(text);
  const [, base = '', bits = ''] = match ?? [];
  const family = isIP(base);
  if (family === 0 || Number(bits) > (family === 4 ? 32 : 128)) return undefined;
  return [base, Number(bits), family === 4 ? 'ipv4' : 'ipv6'];
}
