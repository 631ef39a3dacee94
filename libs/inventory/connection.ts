import type { GofleetError } from '#errors';
import { fault, invalid } from './invalid.ts';
import { jumpOption, parseJumps, type JumpText } from './jump-text.ts';
import { isSecret, isSecretRef, VARIABLES } from './known-variables.ts';
import type { Connection, Jump, Position, SecretRef, Vars } from './types.ts';
import { hasVault, isVault } from './values.ts';

/** A host whose variables are merged, and where each of them was written. */
export interface MergedHost {
  name: string;
  /** All of them but `all`, sorted. */
  groups: string[];
  vars: Vars;
  origin(variable: string): Position | undefined;
}

/** Looks an inventory host up by its name. */
export type FindHost = (name: string) => MergedHost | undefined;

/**
 * How the host is reached, over which others. `through` are those that lead on from it: nobody is reached through
 * itself. Throws `plaintext_secret`, `not_supported_yet`, `invalid_file`.
 */
export function readConnection(
  host: MergedHost,
  find: FindHost,
  through: string[] = [],
): Connection {
  refuseSecrets(host);
  refuseUnsupported(host);
  return {
    address: readAddress(host),
    port: readPort(host),
    user: readText(host, VARIABLES.user),
    keyFile: readText(host, VARIABLES.keyFile),
    password: readSecret(host, VARIABLES.password),
    become: readBoolean(host, VARIABLES.become),
    becomeUser: readText(host, VARIABLES.becomeUser) ?? 'root',
    becomePassword: readSecret(host, VARIABLES.becomePassword),
    root: readRoot(host),
    hostKeys: readHostKeys(host),
    jumps: readJumps(host, find, [...through, host.name]),
  };
}

export function readSite(host: MergedHost): string {
  return readText(host, VARIABLES.site) ?? 'default';
}

/** A password in the open is refused under whatever name; its value is never repeated. */
export function refuseSecrets(host: MergedHost): void {
  for (const [variable, value] of Object.entries(host.vars)) {
    if (!isSecret(variable) || value === null || isSecretRef(value)) continue;
    if (hasVault(value)) throw vaultValue(host, variable);
    throw fault(
      'plaintext_secret',
      place(host, variable),
      `${variable} of the host "${host.name}" is a password in plain text`,
      'Write a reference, secret:env:GOFLEET_SECRET_NAME or secret:file:NAME, and give the value to the worker.',
    );
  }
}

function refuseUnsupported(host: MergedHost): void {
  const transport = readText(host, VARIABLES.transport) ?? 'ssh';
  if (
    !['ssh', 'smart', 'paramiko', 'paramiko_ssh'].includes(transport.replace(/^ansible\.\w+\./, ''))
  ) {
    throw wrong(
      host,
      'ansible_connection',
      `is "${transport}"; gofleet reaches hosts by SSH alone`,
      'Take the host out of the targets, or the variable out of the inventory.',
    );
  }
  const method = readText(host, VARIABLES.becomeMethod) ?? 'sudo';
  if (method.replace(/^ansible\.builtin\./, '') !== 'sudo') {
    throw wrong(host, 'ansible_become_method', `is "${method}"; gofleet knows sudo`, 'Use sudo.');
  }
}

/** Where `gofleet_jump` is set it is what counts, and options for ssh are for others. */
function readJumps(host: MergedHost, find: FindHost, through: string[]): Jump[] {
  const options = VARIABLES.sshArgs.map((variable) => ({ variable, jump: jumpOf(host, variable) }));
  const own = { variable: 'gofleet_jump', jump: readText(host, VARIABLES.jump) };
  const { variable, jump = '' } =
    [own, ...options].find((each) => each.jump !== undefined && each.jump !== '') ?? own;
  const hops = parseJumps(jump);
  if (!hops) {
    throw wrong(host, variable, `names no jump host: "${jump}"`, 'Write NAME or USER@HOST:PORT.');
  }
  return hops
    .filter((hop) => !through.includes(hop.host))
    .flatMap((hop, index) => {
      const way = readWay(hop, find, through);
      return index === 0 ? way : way.slice(-1);
    });
}

/** A jump host with what leads to it: as the inventory says it, else as it is written. */
function readWay(hop: JumpText, find: FindHost, through: string[]): Jump[] {
  const host = find(hop.host);
  if (!host) {
    const { host: name, port = 22, user } = hop;
    const nothing = { groups: [], keyFile: undefined, password: undefined, hostKeys: [] };
    return [{ name, address: name, port, user, ...nothing }];
  }
  const { address, port, user, keyFile, password, hostKeys, jumps } = readConnection(
    host,
    find,
    through,
  );
  const { name, groups } = host;
  const where = { address, port: hop.port ?? port, user: hop.user ?? user };
  return [...jumps, { name, groups, ...where, keyFile, password, hostKeys }];
}

/** What options for ssh say of a jump host; anything else there is refused. */
function jumpOf(host: MergedHost, variable: string): string | undefined {
  if (!isSet(host, variable)) return undefined;
  refuseTemplate(host, variable);
  const value = host.vars[variable];
  const jump = typeof value === 'string' ? jumpOption(value) : undefined;
  if (jump !== undefined) return jump;
  throw wrong(
    host,
    variable,
    'has options for ssh, which gofleet does not use',
    'Take them out; only a jump host (-J or ProxyJump) has a meaning here.',
  );
}

function readAddress(host: MergedHost): string {
  const address = readText(host, VARIABLES.address) ?? host.name;
  if (/^[^\s\p{Cc}\-/@][^\s\p{Cc}/@]*$/u.test(address)) return address.replace(/^\[(.*)\]$/, '$1');
  const variable = nameOf(host, VARIABLES.address);
  throw wrong(host, variable, `"${address}" is no address`, 'Give a name or an IP address.');
}

function readPort(host: MergedHost): number {
  const variable = nameOf(host, VARIABLES.port);
  if (!isSet(host, variable)) return 22;
  const value = host.vars[variable];
  const port = typeof value === 'string' && /^\d+$/.test(value.trim()) ? Number(value) : value;
  if (typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536) return port;
  refuseTemplate(host, variable);
  throw wrong(host, variable, 'is no port', 'Give a number from 1 to 65535.');
}

function readText(host: MergedHost, names: string[]): string | undefined {
  const variable = nameOf(host, names);
  if (!isSet(host, variable)) return undefined;
  const value = host.vars[variable];
  if (isVault(value)) throw vaultValue(host, variable);
  refuseTemplate(host, variable);
  if (typeof value === 'string' && value.trim() !== '') return value;
  if (typeof value === 'number') return String(value);
  throw wrong(host, variable, 'is no text', 'Put the value in quotes, or take the line out.');
}

function readSecret(host: MergedHost, names: string[]): SecretRef | undefined {
  const value = host.vars[nameOf(host, names)];
  return isSecretRef(value) ? value : undefined;
}

/** As Ansible reads booleans; what it does not know is an error here. */
function readBoolean(host: MergedHost, names: string[]): boolean {
  const variable = nameOf(host, names);
  if (!isSet(host, variable)) return false;
  const text = String(host.vars[variable]).toLowerCase();
  if (['y', 'yes', 'on', '1', 'true', 't'].includes(text)) return true;
  if (['n', 'no', 'off', '0', 'false', 'f', ''].includes(text)) return false;
  refuseTemplate(host, variable);
  throw wrong(host, variable, 'is neither true nor false', 'Write true or false.');
}

function readRoot(host: MergedHost): string | undefined {
  const root = readText(host, VARIABLES.root);
  if (root === undefined) return undefined;
  const folders = root.split('/').slice(1);
  const clean = folders.length > 0 && folders.every((name) => /^(?!\.{1,2}$)[\w.@+-]+$/.test(name));
  if (root.startsWith('/') && clean) return root;
  throw wrong(
    host,
    'gofleet_root',
    `"${root}" is no folder that gofleet can use`,
    'Give an absolute path of letters, digits and ._@+- without . or .. in it.',
  );
}

function readHostKeys(host: MergedHost): string[] {
  const [variable = ''] = VARIABLES.hostKey;
  const value = host.vars[variable];
  if (value === undefined || value === null) return [];
  return (Array.isArray(value) ? value : [value]).map((key) => {
    refuseTemplate(host, variable);
    const pinned = typeof key === 'string' ? plainKey(key) : undefined;
    if (pinned !== undefined) return pinned;
    throw wrong(
      host,
      variable,
      'is no host key',
      'Give "ssh-ed25519 AAAA…" as ssh-keyscan prints it, or a list of such.',
    );
  });
}

/** `type base64` without a comment; undefined when the two do not belong together. */
export function plainKey(text: string): string | undefined {
  const [type = '', body = ''] = text.trim().split(/\s+/);
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(body)) return undefined;
  const bytes = Buffer.from(body, 'base64');
  if (bytes.length < 8) return undefined;
  const inner = bytes.subarray(4, 4 + bytes.readUInt32BE(0)).toString('latin1');
  return inner === type && !type.includes('-cert-') ? `${type} ${body}` : undefined;
}

function refuseTemplate(host: MergedHost, variable: string): void {
  const value = host.vars[variable];
  if (typeof value !== 'string' || !/\{\{|\{%/.test(value)) return;
  throw wrong(
    host,
    variable,
    'is a template, and gofleet does not run Jinja',
    'Write the value itself, for each group or host.',
  );
}

function vaultValue(host: MergedHost, variable: string): GofleetError {
  return fault(
    'not_supported_yet',
    place(host, variable),
    `${variable} of the host "${host.name}" is locked by Ansible Vault`,
    'Write a reference, secret:env:GOFLEET_SECRET_NAME or secret:file:NAME.',
  );
}

/** The name that counts: the last one that is set. */
function nameOf(host: MergedHost, names: string[]): string {
  return names.findLast((name) => isSet(host, name)) ?? names[0] ?? '';
}

function isSet(host: MergedHost, variable: string): boolean {
  return host.vars[variable] !== undefined && host.vars[variable] !== null;
}

function place(host: MergedHost, variable: string): Position {
  return host.origin(variable) ?? { file: host.name, line: undefined };
}

function wrong(host: MergedHost, variable: string, message: string, remedy: string): GofleetError {
  return invalid(
    place(host, variable),
    `${variable} of the host "${host.name}" ${message}`,
    remedy,
  );
}
