/** `secret:env:NAME` or `secret:file:NAME`: the worker resolves it, nobody else sees the value. */
export type SecretRef = string;

/** How one host is reached; what is absent in the inventory is undefined or the default. */
export interface Connection {
  address: string;
  port: number;
  user: string | undefined;
  /** A name below the worker's keys folder, or a path on the worker. */
  keyFile: string | undefined;
  password: SecretRef | undefined;
  become: boolean;
  becomeUser: string;
  becomePassword: SecretRef | undefined;
  /** `gofleet_root`: the folder of gofleet on the host. */
  root: string | undefined;
  /** Pinned keys as `ssh-ed25519 AAAA…`; empty when none is known. */
  hostKeys: string[];
}

/** One host, ready to be planned. */
export interface Host {
  name: string;
  /** Every group it belongs to, parents included, without `all`, sorted. */
  groups: string[];
  /** Merged by Ansible's precedence. */
  vars: Vars;
  connection: Connection;
  /** The variable `site`, else `default`. */
  site: string;
}

export type Vars = Record<string, unknown>;

/** Where something was written; lines count from 1. */
export interface Position {
  file: string;
  line: number | undefined;
}

/** What one place says about variables, with the place of each. */
export interface VarsSource {
  vars: Vars;
  positions: Map<string, Position>;
}

/** A file that only Ansible Vault can open. */
export type VaultedFile = Position;

/** Layers of variables, the later wins: what the inventory says, `group_vars` beside it, … */
export interface InventoryGroup {
  name: string;
  /** Names of its direct child groups, in the order they were met. */
  children: string[];
  parents: string[];
  /** Names of its direct hosts, in the order they were met. */
  hosts: string[];
  /** `ansible_group_priority`: at the same depth the higher one wins. */
  priority: number;
  /** Steps below `all`, the longest way counts. */
  depth: number;
  /** What the inventory files say. */
  own: VarsSource;
  /** What `group_vars/` says. */
  files: VarsSource;
  vaulted: VaultedFile[];
}

export interface InventoryHost {
  name: string;
  /** Names of the groups that name it directly, in the order they were met. */
  groups: string[];
  own: VarsSource;
  /** What `host_vars/` says. */
  files: VarsSource;
  vaulted: VaultedFile[];
  position: Position;
}

export interface Inventory {
  /** In the order in which the hosts were met. */
  hosts: Map<string, InventoryHost>;
  groups: Map<string, InventoryGroup>;
  /** What is odd but does not stop the reading, as sentences. */
  warnings: string[];
  /** The folder that `@retry.txt` is looked up in; undefined for inline inventories. */
  folder: string | undefined;
}

/** A value that stays encrypted: `!vault` in YAML. */
export interface VaultValue {
  __ansible_vault: string;
}
