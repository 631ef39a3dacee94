/** The variables that say how a host is reached. Of several names, Ansible lets the last one count. */
export const VARIABLES = {
  address: ['ansible_host', 'ansible_ssh_host'],
  port: ['ansible_port', 'ansible_ssh_port'],
  user: ['ansible_user', 'ansible_ssh_user'],
  keyFile: ['ansible_private_key_file', 'ansible_ssh_private_key_file'],
  password: ['ansible_password', 'ansible_ssh_pass', 'ansible_ssh_password'],
  become: ['ansible_become'],
  becomeUser: ['ansible_become_user', 'ansible_sudo_user'],
  becomePassword: ['ansible_become_password', 'ansible_become_pass', 'ansible_sudo_pass'],
  becomeMethod: ['ansible_become_method'],
  transport: ['ansible_connection'],
  sshArgs: ['ansible_ssh_common_args', 'ansible_ssh_extra_args', 'ansible_ssh_args'],
  hostKey: ['gofleet_host_key'],
  jump: ['gofleet_jump'],
  root: ['gofleet_root'],
  site: ['site'],
};

/** All keys of ours; any other `gofleet_…` is a slip. */
export const OURS = [...VARIABLES.hostKey, ...VARIABLES.jump, ...VARIABLES.root];

/** Whether Ansible takes the value of the variable for a password. */
export function isSecret(variable: string): boolean {
  return /^ansible_(?:\w+_)?(?:pass|password|passphrase)$/.test(variable);
}

/** `secret:env:NAME`, or `secret:file:NAME` with a name that stays below the worker's secrets folder. */
export function isSecretRef(value: unknown): value is string {
  if (typeof value !== 'string') return false;
  if (/^secret:env:[A-Za-z_]\w*$/.test(value)) return true;
  return /^secret:file:(?!\.{1,2}(?:\/|$))[\w.@-]+(?:\/(?!\.{1,2}(?:\/|$))[\w.@-]+)*$/.test(value);
}
