/** `secret:env:NAME` or `secret:file:NAME`: the worker resolves it, nobody else sees the value. */
export type SecretRef = string;

/** A host on the way to others, with what it is reached with itself. */
export interface Jump {
  /** As it was named: an inventory name, or an address. */
  name: string;
  /** Groups of that inventory host. */
  groups: string[];
  address: string;
  port: number;
  user: string | undefined;
  keyFile: string | undefined;
  password: SecretRef | undefined;
  hostKeys: string[];
}

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
  /** Hosts that the connection goes through, from the worker on. */
  jumps: Jump[];
}

/** One host, ready to be planned. */
export interface Host {
  name: string;
  /** Every group it belongs to, parents included, without `all`, sorted. */
  groups: string[];
  /** Merged by Ansible's precedence; plain JSON. */
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

/** What one place says about variables, with the position of each. */
export interface VarsSource {
  vars: Vars;
  positions: Map<string, Position>;
}

export interface InventoryGroup {
  name: string;
  /** Direct children, parents and hosts, in the order they were met. */
  children: Set<string>;
  parents: Set<string>;
  hosts: Set<string>;
  /** `ansible_group_priority`: at the same depth the higher one wins. */
  priority: number;
  /** Steps below `all`; the longest way counts. */
  depth: number;
  /** What the inventory itself says. */
  own: VarsSource;
  /** What `group_vars/` says. */
  files: VarsSource;
  /** Files that only Ansible Vault can open. */
  vaulted: Position[];
}

export interface InventoryHost {
  name: string;
  /** The groups that name it directly, in the order they were met. */
  groups: Set<string>;
  /** Where it was met first. */
  position: Position;
  /** What the inventory itself says. */
  own: VarsSource;
  /** What `host_vars/` says. */
  files: VarsSource;
  /** Files that only Ansible Vault can open. */
  vaulted: Position[];
}

/** Hosts and groups in the order they were met; `all` and `ungrouped` are always there. */
export interface Inventory {
  hosts: Map<string, InventoryHost>;
  groups: Map<string, InventoryGroup>;
  /** What is odd but does not stop the reading. */
  warnings: Warning[];
  /** The folder that `@retry.txt` is looked up in; undefined for an inline inventory. */
  folder: string | undefined;
}

export interface Warning extends Position {
  message: string;
}
