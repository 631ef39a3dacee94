/** Who logs in: root; sudo without a password; sudo with one; no sudo at all. */
export type UserKind = 'root' | 'deploy' | 'operator' | 'plain';
export type LabMode = 'root' | 'user';

export interface LabOptions {
  hosts: number | HostOptions[];
  /** `root`: hosts with a root file system of their own. `user`: one unprivileged sshd a host. Default: what this machine allows. */
  mode?: LabMode;
  /** The first two numbers of the addresses, as `127.42`; default: a free one. */
  subnet?: string;
  /** Where keys, secrets, known_hosts and inventory.yaml go; default: a folder that ends with the lab. */
  folder?: string;
  /** Debian packages the hosts have besides the usual, as `python3`. */
  packages?: string[];
  /** The hosts go on when this process ends; `stopKeptLabs()` ends them. */
  keep?: boolean;
}

export interface HostOptions {
  name?: string;
  /** Size of the host's whole disk above the shared base, in MB of 2^20 bytes; it is memory. Default 4096. */
  diskMb?: number;
  /** Default `root`; in mode `user` it is always the user who runs the lab. */
  user?: UserKind;
  /** Default true. Without a proxy there are no counters and no traits of the link. */
  proxied?: boolean;
  /** Further inventory variables of the host. */
  vars?: Record<string, string>;
}

/** What the way to a host is like. Each call replaces the whole link; `{}` is a perfect one. */
export interface Link {
  /** In each direction, over all connections of the host together. */
  bytesPerSecond?: number;
  /** One way. */
  delayMs?: number;
  /** Each connection is reset after this many bytes, both directions together. */
  cutAfterBytes?: number;
  /** How many connections are cut so; default: all. */
  cuts?: number;
  /** Connections open and stay silent; open ones freeze and go on when it ends. */
  blackhole?: boolean;
  /** New connections are refused while the host itself runs on. */
  refused?: boolean;
}

export interface Counters {
  connections: number;
  /** Connections that are open now. */
  open: number;
  /** Bytes to the host. */
  bytesIn: number;
  /** Bytes from the host. */
  bytesOut: number;
  /** When each connection began, ms since 1970. */
  openedAt: number[];
}

export interface RunOptions {
  /** Default `root`, in mode `user` the user who runs the lab. */
  user?: string;
  /** False: with no network but a loopback interface of its own. Default true. */
  network?: boolean;
  /** As a login shell, which reads the profiles. */
  login?: boolean;
  stdin?: string | Uint8Array;
  /** Default 300,000. */
  timeoutMs?: number;
}

export interface RunResult {
  /** -1 when a signal ended it. */
  code: number;
  stdout: string;
  stderr: string;
}

/** One thing in a file system. */
export interface Listed {
  path: string;
  type: 'file' | 'folder' | 'link' | 'other';
  /** Octal, as `0755`. */
  mode: string;
  /** `uid:gid`. */
  owner: string;
  target?: string;
  sha256?: string;
}

export interface HostLog {
  text: string;
  /** Logins that succeeded. */
  sessions(): number;
  /** Commands, shells and subsystems that were started. */
  execs(): number;
  /** Keys and passwords that were refused. */
  refusals(): number;
}

export interface LabHost {
  name: string;
  address: string;
  /** What gofleet connects to: the proxy, or sshd itself where there is none. */
  port: number;
  user: string;
  kind: UserKind;
  vars: Record<string, string>;
  /** The first key, which the inventory pins: `ssh-ed25519 AAAA…`. */
  hostKey: string;
  /** Home folder of the login user as seen on the host. */
  home: string;
  /** The host's root file system, or in mode `user` its home, as this process can reach it. */
  path(inside: string): string;
  /** Runs a shell command on the host without SSH and past the proxy. */
  run(command: string, options?: RunOptions): Promise<RunResult>;
  /** Everything at and below the paths, links not followed, sorted by path. */
  listing(paths: string[], options?: { content?: boolean }): Promise<Listed[]>;
  /** Leaves no free space but `leaveMb`. */
  fill(leaveMb?: number): Promise<void>;
  /** Leaves free space but no inode for a new file. */
  fillInodes(): Promise<void>;
  /** Undoes both. */
  free(): Promise<void>;
  /** As pulling the plug: every process dies, the disk stays, connections are refused. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Swaps in a second host key and returns it; open sessions end. `restoreKey` brings the first one back. */
  changeKey(): Promise<string>;
  restoreKey(): Promise<void>;
  link(link: Link): Promise<void>;
  counters(): Promise<Counters>;
  log(): Promise<HostLog>;
}

export interface InventoryOptions {
  hosts?: LabHost[];
  /** Group name to host names. */
  groups?: Record<string, string[]>;
  /** Host keys as variables; default true. Without them known_hosts has to do. */
  pins?: boolean;
  /** What stands for the password of `operator`; default `secret:file:operator`. */
  becomePassword?: string;
  /** Variables of all hosts. */
  vars?: Record<string, string | number | boolean>;
}

export interface Lab extends AsyncDisposable {
  mode: LabMode;
  hosts: LabHost[];
  inventoryYaml(options?: InventoryOptions): string;
  /** Path of a known_hosts file with the first key of each host, by name and by address. */
  knownHosts: string;
  /** Folder with `lab`, the key that all hosts accept, and `stranger`, which none does. */
  keys: string;
  /** Folder with `operator`, the password for sudo of that user. */
  secrets: string;
  folder: string;
  stop(): Promise<void>;
}
