import { describe, expect, it } from 'vitest';
import { isGofleetError } from '#errors';
import {
  duplicatesAmong,
  graphText,
  inventoryFromValue,
  lintInventory,
  listJson,
  parseInventory,
  selectHosts,
  toHost,
  type Connection,
  type Host,
} from '#inventory';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFcZvzdEqtuBCFcqrIhniHnLcRwWVdnHADnYpd/OBL38';
const CERTIFICATE =
  'ssh-ed25519-cert-v01@openssh.com AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29t';

function hostWith(vars: Record<string, unknown>): Host {
  const host = toHost(inventoryFromValue({ all: { hosts: { h1: vars } } }), 'h1');
  if (!host) throw new Error('there is no host');
  return host;
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (isGofleetError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'no error';
}

describe('a connection', () => {
  it('has defaults', () => {
    expect(hostWith({})).toEqual({
      name: 'h1',
      groups: ['ungrouped'],
      vars: {},
      site: 'default',
      connection: {
        address: 'h1',
        port: 22,
        user: undefined,
        keyFile: undefined,
        password: undefined,
        become: false,
        becomeUser: 'root',
        becomePassword: undefined,
        root: undefined,
        hostKeys: [],
        jumps: [],
      },
    });
  });

  it.each<[Record<string, unknown>, Partial<Connection>]>([
    [{ ansible_host: '10.0.0.1' }, { address: '10.0.0.1' }],
    [{ ansible_host: 'a', ansible_ssh_host: 'b' }, { address: 'b' }],
    [{ ansible_host: '[2001:db8::1]' }, { address: '2001:db8::1' }],
    [{ ansible_host: null }, { address: 'h1' }],
    [{ ansible_port: 2222 }, { port: 2222 }],
    [{ ansible_port: '2222' }, { port: 2222 }],
    [{ ansible_ssh_port: 1 }, { port: 1 }],
    [{ ansible_user: 'a' }, { user: 'a' }],
    [{ ansible_ssh_user: 'b', ansible_user: 'a' }, { user: 'b' }],
    [{ ansible_ssh_private_key_file: 'id' }, { keyFile: 'id' }],
    [{ ansible_private_key_file: 'id' }, { keyFile: 'id' }],
    [{ ansible_password: 'secret:env:X' }, { password: 'secret:env:X' }],
    [{ ansible_ssh_pass: 'secret:file:a/b' }, { password: 'secret:file:a/b' }],
    [{ ansible_become: 'yes' }, { become: true }],
    [{ ansible_become: 0 }, { become: false }],
    [{ ansible_become_user: 'app' }, { becomeUser: 'app' }],
    [{ ansible_become_pass: 'secret:env:X' }, { becomePassword: 'secret:env:X' }],
    [{ ansible_sudo_pass: 'secret:env:X' }, { becomePassword: 'secret:env:X' }],
    [{ ansible_become_method: 'sudo', ansible_connection: 'ssh' }, {}],
    [{ ansible_ssh_common_args: '' }, {}],
    [{ gofleet_root: '/srv/gofleet' }, { root: '/srv/gofleet' }],
    [{ gofleet_host_key: `${KEY} comment` }, { hostKeys: [KEY] }],
    [{ gofleet_host_key: [KEY, KEY] }, { hostKeys: [KEY, KEY] }],
  ])('%j', (vars, wanted) => {
    expect(hostWith(vars).connection).toMatchObject(wanted);
  });

  it.each([
    [{ ansible_password: 'hunter2' }, 'plaintext_secret: inventory: ansible_password'],
    [{ ansible_ssh_pass: 12345 }, 'plaintext_secret'],
    [{ ansible_become_password: 'secret:env' }, 'plaintext_secret'],
    [{ ansible_sudo_pass: '{{ vault_sudo }}' }, 'plaintext_secret'],
    [{ ansible_winrm_password: 'x' }, 'plaintext_secret'],
    [{ ansible_password: 'secret:file:../x' }, 'plaintext_secret'],
    [{ ansible_password: 'secret:file:/etc/x' }, 'plaintext_secret'],
    [{ ansible_password: { __ansible_vault: 'x' } }, 'not_supported_yet'],
    [{ ansible_user: { __ansible_vault: 'x' } }, 'not_supported_yet'],
    [{ gofleet_jump: 'a b' }, 'names no jump host'],
    [{ gofleet_jump: '-oProxyCommand=x' }, 'names no jump host'],
    [{ gofleet_jump: 'a,,b' }, 'names no jump host'],
    [{ gofleet_jump: 'a:70000' }, 'names no jump host'],
    [{ gofleet_jump: '{{ x }}' }, 'is a template'],
    [{ ansible_ssh_common_args: '-J {{ x }}' }, 'is a template'],
    [{ ansible_ssh_common_args: '-o StrictHostKeyChecking=no' }, 'invalid_file'],
    [{ ansible_ssh_common_args: '-J bastion -o ForwardAgent=yes' }, 'invalid_file'],
    [{ ansible_ssh_args: '-o ProxyCommand="nc %h %p"' }, 'invalid_file'],
    [{ ansible_host: '{{ addresses[0] }}' }, 'is a template'],
    [{ ansible_port: '{{ port }}' }, 'is a template'],
    [{ ansible_become: '{{ x }}' }, 'is a template'],
    [{ gofleet_host_key: '{{ key }}' }, 'is a template'],
    [{ ansible_host: '-oProxyCommand=x' }, 'is no address'],
    [{ ansible_host: 'a b' }, 'is no address'],
    [{ ansible_host: ['a'] }, 'is no text'],
    [{ ansible_port: 0 }, 'is no port'],
    [{ ansible_port: 65_536 }, 'is no port'],
    [{ ansible_port: 'ssh' }, 'is no port'],
    [{ ansible_become: 'maybe' }, 'neither true nor false'],
    [{ ansible_become_method: 'su' }, 'knows sudo'],
    [{ ansible_connection: 'local' }, 'by SSH alone'],
    [{ gofleet_root: 'relative' }, 'no folder'],
    [{ gofleet_root: '/srv/../etc' }, 'no folder'],
    [{ gofleet_root: '/' }, 'no folder'],
    [{ gofleet_root: '/srv/a b' }, 'no folder'],
    [{ gofleet_host_key: 'AAAA' }, 'no host key'],
    [{ gofleet_host_key: KEY.replace('ssh-ed25519', 'ssh-rsa') }, 'no host key'],
    [{ gofleet_host_key: CERTIFICATE }, 'no host key'],
    [{ site: '' }, 'is no text'],
  ])('%j is refused', (vars, message) => {
    const error = codeOf(() => hostWith(vars));
    expect(error).toContain(message);
    expect(error).not.toContain('hunter2');
  });

  it('keeps other variables as plain JSON', () => {
    const text = 'all: {hosts: {h: {a: !unsafe "{{ x }}", b: 12345678901234567890, c: [1]}}}';
    const host = toHost(parseInventory(text, { name: 'hosts' }), 'h');
    expect(host?.vars).toEqual({ a: '{{ x }}', b: '12345678901234567890', c: [1] });
    expect(() => JSON.stringify(host)).not.toThrow();
  });
});

const SECRETS = `
[web]
web1
web2 ansible_become_pass=hunter2
[web:vars]
ansible_password=hunter2
[db]
db1 ansible_password=secret:env:DB
`;

describe('passwords in plain text', () => {
  const inventory = parseInventory(SECRETS, { name: 'hosts.ini' });

  it('are refused with host, variable, file and line, all at once', () => {
    try {
      selectHosts(inventory, 'all');
      expect.unreachable();
    } catch (error) {
      if (!isGofleetError(error, 'plaintext_secret')) throw error;
      expect(error.message).toContain('(and 1 more like it)');
      expect(error.remedy).toContain('secret:env:');
      expect(error.errors).toEqual([
        {
          path: 'hosts.ini',
          line: 6,
          message: 'ansible_password of the host "web1" is a password in plain text',
        },
        {
          path: 'hosts.ini',
          line: 6,
          message: 'ansible_password of the host "web2" is a password in plain text',
        },
      ]);
    }
  });

  it('trouble only the hosts that have them', () => {
    expect(selectHosts(inventory, 'db').map(({ name }) => name)).toEqual(['db1']);
  });

  it('are never printed', () => {
    const printed = `${JSON.stringify(listJson(inventory))}${graphText(inventory)}${JSON.stringify(lintInventory(inventory))}`;
    expect(printed).toContain('********');
    expect(printed).toContain('secret:env:DB');
    expect(printed).not.toContain('hunter2');
  });

  it('are found by lint where they are written', () => {
    expect(lintInventory(inventory).map(({ line, message }) => `${line} ${message}`)).toEqual([
      expect.stringContaining('4 ansible_become_pass of "web2" is a password'),
      expect.stringContaining('6 ansible_password of "web" is a password'),
    ]);
  });
});

describe('lint', () => {
  it('knows the keys of ours, and hosts that are one', () => {
    const text = `
a ansible_host=10.0.0.1 gofleet_rot=/srv
b ansible_host=10.0.0.1
c ansible_host=10.0.0.1 ansible_port=2222
d ansible_port=x
`;
    const found = lintInventory(parseInventory(text, { name: 'hosts' }));
    expect(found.map(({ line, message }) => `${line} ${message}`)).toEqual([
      '2 gofleet_rot of "a" is no variable of gofleet; the nearest is gofleet_root',
      '3 duplicate_host: "a" and "b" have one address and port',
      '5 ansible_port of the host "d" is no port',
    ]);
  });
});

describe('selecting', () => {
  const inventory = parseInventory('[web]\na ansible_host=X\nb ansible_host=x\n[db]\nc\n', {
    name: 'hosts',
  });

  it('takes a second pattern as a limit', () => {
    expect(selectHosts(inventory, 'all', { limit: 'web:!b' }).map(({ name }) => name)).toEqual([
      'a',
    ]);
  });

  it.each([
    ['weeb', undefined, '"weeb" is neither a host nor a group (is it "web"?)'],
    ['web:!web', undefined, 'no host matches "web:!web"'],
    ['web', 'db', 'no host matches "web limited to db"'],
  ])('%s limited to %s matches nothing', (pattern, limit, message) => {
    expect(codeOf(() => selectHosts(inventory, pattern, { limit }))).toContain(message);
  });

  it('finds two names of one host', () => {
    const hosts = selectHosts(inventory, 'all');
    expect(duplicatesAmong(hosts)).toEqual([['a', 'b']]);
    expect(duplicatesAmong(hosts.slice(1))).toEqual([]);
  });
});
