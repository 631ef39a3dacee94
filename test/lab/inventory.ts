import { stringify } from 'yaml';
import type { InventoryOptions, LabHost } from './types.ts';

/** An Ansible inventory of the hosts, with connection variables and pinned host keys. */
export function inventoryYaml(hosts: LabHost[], options: InventoryOptions = {}): string {
  const entries = (options.hosts ?? hosts).map((host) => [host.name, variables(host, options)]);
  const children = Object.entries(options.groups ?? {}).map(([group, names]) => {
    return [group, { hosts: Object.fromEntries(names.map((name) => [name, null])) }];
  });
  return stringify(
    {
      all: {
        hosts: Object.fromEntries(entries),
        vars: { ansible_ssh_private_key_file: 'lab', ...options.vars },
        ...(children.length > 0 && { children: Object.fromEntries(children) }),
      },
    },
    { lineWidth: 0, nullStr: '' },
  );
}

function variables(host: LabHost, options: InventoryOptions): Record<string, unknown> {
  const { pins = true, becomePassword = 'secret:file:operator' } = options;
  return {
    ansible_host: host.address,
    ansible_port: host.port,
    ansible_user: host.user,
    ...((host.kind === 'deploy' || host.kind === 'operator') && { ansible_become: true }),
    ...(host.kind === 'operator' && { ansible_become_password: becomePassword }),
    ...(pins && { gofleet_host_key: host.hostKey }),
    ...host.vars,
  };
}

/** known_hosts lines by inventory name and by address, with and without the port. */
export function knownHosts(hosts: LabHost[]): string {
  return hosts
    .map(({ name, address, port, hostKey }) => {
      const ported = [`[${name}]:${port}`, `[${address}]:${port}`];
      return `${[name, address, ...(port === 22 ? [] : ported)].join(',')} ${hostKey}\n`;
    })
    .join('');
}
