import { describe, expect, it } from 'vitest';
import { parseInventory, toHost, type Jump } from '#inventory';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFcZvzdEqtuBCFcqrIhniHnLcRwWVdnHADnYpd/OBL38';

/** Of the host `web` of an inventory in YAML. */
function jumpsOf(text: string): Jump[] {
  const host = toHost(parseInventory(text, { name: 'hosts.yaml' }), 'web');
  if (!host) throw new Error('there is no host');
  return host.connection.jumps;
}

/** `user@address:port` of each. */
function way(text: string): string[] {
  return jumpsOf(text).map(({ user = '', address, port }) => `${user}@${address}:${port}`);
}

describe('the way to a host', () => {
  it.each([
    ['gofleet_jump: gate', ['@gate:22']],
    ['gofleet_jump: ops@gate:2222', ['ops@gate:2222']],
    ['gofleet_jump: "ops@[fd00::1]:2222"', ['ops@fd00::1:2222']],
    ['gofleet_jump: "ssh://ops@gate:2222"', ['ops@gate:2222']],
    ['gofleet_jump: "outer,ops@inner:24"', ['@outer:22', 'ops@inner:24']],
    ['gofleet_jump: none', []],
    ['ansible_ssh_common_args: -J gate', ['@gate:22']],
    ['ansible_ssh_common_args: -Jops@gate', ['ops@gate:22']],
    ['ansible_ssh_common_args: -o ProxyJump=ops@gate:24', ['ops@gate:24']],
    ['ansible_ssh_common_args: \'-o "ProxyJump gate"\'', ['@gate:22']],
    ['ansible_ssh_extra_args: "-oProxyJump=a,b"', ['@a:22', '@b:22']],
    ['ansible_ssh_common_args: ""', []],
    ['{ gofleet_jump: ours, ansible_ssh_common_args: -J theirs }', ['@ours:22']],
    ['{ gofleet_jump: none, ansible_ssh_common_args: -J theirs }', []],
  ])('%s', (vars, expected) => {
    const text = vars.startsWith('{') ? vars : `{ ${vars} }`;
    expect(way(`all: { hosts: { web: ${text} } }`)).toEqual(expected);
  });

  it('takes of a jump host that the inventory knows what it says of it', () => {
    const [jump] = jumpsOf(`
all:
  hosts:
    web: { gofleet_jump: gate }
  children:
    gates:
      vars: { ansible_user: jumper, ansible_password: "secret:file:gate" }
      hosts:
        gate:
          ansible_host: 10.0.0.1
          ansible_port: 2222
          ansible_ssh_private_key_file: gate-key
          gofleet_host_key: ${KEY}
`);
    expect(jump).toEqual({
      name: 'gate',
      groups: ['gates'],
      address: '10.0.0.1',
      port: 2222,
      user: 'jumper',
      keyFile: 'gate-key',
      password: 'secret:file:gate',
      hostKeys: [KEY],
    });
  });

  it('leads to a jump host as the inventory says', () => {
    const text = `
all:
  hosts:
    web: { gofleet_jump: "ops@inner" }
    inner: { ansible_host: 10.0.0.2, ansible_user: root, gofleet_jump: outer }
    outer: { ansible_host: 10.0.0.1 }
`;
    expect(way(text)).toEqual(['@10.0.0.1:22', 'ops@10.0.0.2:22']);
    const named = text.replace('"ops@inner"', '"other,inner"');
    expect(way(named)).toEqual(['@other:22', 'root@10.0.0.2:22']);
  });

  it('never leads through the host itself, nor in a circle', () => {
    const all = (hosts: string) => `all: { vars: { gofleet_jump: gate }, hosts: { ${hosts} } }`;
    expect(way(all('web: , gate: { ansible_host: 10.0.0.1 }'))).toEqual(['@10.0.0.1:22']);
    expect(way(all('gate: , web: { gofleet_jump: web }'))).toEqual([]);
    const circle = 'web: { gofleet_jump: a }, a: { gofleet_jump: b }, b: { gofleet_jump: a }';
    expect(way(all(circle))).toEqual(['@b:22', '@a:22']);
  });

  it('is refused with a password in the open', () => {
    const text = 'all: { hosts: { web: { gofleet_jump: g }, g: { ansible_password: hunter2 } } }';
    expect(() => jumpsOf(text)).toThrow(/ansible_password of the host "g"/);
  });
});
