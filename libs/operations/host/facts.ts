import { goArch } from './platform.ts';

/** What is at a place outside the trees; `nofolder`: not even the folder it would be in. */
export type PlaceKind = 'absent' | 'nofolder' | 'link' | 'folder' | 'file';

export interface Place {
  kind: PlaceKind;
  /** Of a link. */
  target?: string;
  /** The lines between the marks of gofleet, in a file of the user. */
  block?: string;
}

/** The part of state.json that scripts after the claim keep. */
export interface HostState {
  schema: number;
  fleet: string;
  epoch: number;
  rollout: string | null;
  active: { go: string; modules: string | null } | null;
  checks: string[];
}

/** What `before/<rollout>.json` says. */
export interface Before {
  schema: 1;
  rollout: string;
  generation: string | null;
  go: string | null;
  modules: string | null;
  places: Record<string, Place & { kept?: string }>;
  state: Pick<HostState, 'rollout' | 'active' | 'checks'>;
  /** What `go version` answered; empty where there was no Go. */
  goVersion: string;
}

export interface CheckAnswer {
  code: number;
  output: string;
}

/** All facts of a host, from one script. */
export interface Facts {
  user: string;
  home: string;
  mode: 'root' | 'user';
  root: string;
  os: string;
  /** As Go names it; undefined for machines that Go does not know. */
  arch: string | undefined;
  machine: string;
  /** As `uname -r` says; undefined where it was not asked. */
  kernel?: string | undefined;
  /** `debian 12`: ID and VERSION_ID of /etc/os-release. */
  system?: string | undefined;
  lacks: string[];
  /** Why the folders above the root cannot be trusted. */
  unsafe: { folder: string; owner: string; mode: string }[];
  noexec: boolean;
  freeBytes: number;
  /** Null where the file system does not count them. */
  freeInodes: number | null;
  trees: { go: string[]; modules: string[] };
  /** Bytes of partial uploads by SHA-256. */
  parts: Record<string, number>;
  /** What `current` leads to. */
  active: { generation: string; go: string; modules: string | null } | undefined;
  /** Of the active toolchain. */
  goEnv: string | undefined;
  places: Record<string, Place>;
  /** /etc/profile.d/gofleet.sh. */
  profile: string | undefined;
  state: HostState | undefined;
  before: Before | undefined;
  checks: Record<string, CheckAnswer>;
  /** What `go version` answers, where a script asked. */
  goVersion: string | undefined;
}

/** Puts what a script said together. */
export function readFacts(said: readonly string[]): Facts {
  const one = (word: string) =>
    said.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1);
  const rows = (word: string) =>
    said.filter((line) => line.startsWith(`${word}\t`)).map((line) => line.split('\t').slice(1));
  const joined = (word: string) => {
    const found = rows(word).map((parts) => parts.join('\t'));
    return found.length > 0 ? found.join('\n') : undefined;
  };
  const many = (word: string) =>
    said.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  const [os = '', machine = '', bits = ''] = (one('platform') ?? '').split(' ');
  const [free = 0, block = 0, inodes = 0, freeInodes = 0] = (one('space') ?? '')
    .split(' ')
    .map(Number);
  const root = one('root') ?? '';
  const links = new Map(rows('link').map(([place = '', target = '']) => [place, target]));
  const state = one('state');
  const before = joined('before');
  return {
    user: one('user') ?? '',
    home: one('home') ?? '',
    mode: one('mode') === 'root' ? 'root' : 'user',
    root,
    os: os.toLowerCase(),
    arch: goArch(machine, bits),
    machine,
    kernel: one('kernel'),
    system: systemOf(many('system')),
    lacks: many('lacks'),
    unsafe: rows('unsafe').map(([folder = '', owner = '', mode = '']) => ({ folder, owner, mode })),
    noexec: one('noexec') !== undefined,
    freeBytes: free * block,
    freeInodes: inodes === 0 ? null : freeInodes,
    trees: {
      go: many('tree').flatMap((line) => (line.startsWith('go ') ? [line.slice(3)] : [])),
      modules: many('tree').flatMap((line) => (line.startsWith('modules ') ? [line.slice(8)] : [])),
    },
    parts: Object.fromEntries(
      rows('part').map(([name = '', size]) => [name.replace(/\.part$/, ''), Number(size)]),
    ),
    active: activeOf(root, links),
    goEnv: joined('goenv'),
    places: placesOf(rows('place'), rows('block'), links),
    profile: joined('profile'),
    state: state === undefined ? undefined : (JSON.parse(state) as HostState),
    before: before === undefined ? undefined : (JSON.parse(before) as Before),
    checks: Object.fromEntries(
      rows('check').map(([id = '', code]) => [
        id,
        {
          code: Number(code),
          output: rows('output')
            .filter(([of]) => of === id)
            .map((parts) => parts.slice(1).join('\t'))
            .join('\n'),
        },
      ]),
    ),
    goVersion: said
      .find((line) => line.startsWith('goversion'))
      ?.slice('goversion'.length)
      .trim(),
  };
}

function systemOf(said: readonly string[]): string | undefined {
  const of = (key: string) =>
    said
      .find((line) => line.startsWith(`${key} `))
      ?.slice(key.length + 1)
      .replaceAll(/["']/g, '');
  const words = [of('ID'), of('VERSION_ID')].filter((word) => word !== undefined);
  return words.length > 0 ? words.join(' ') : undefined;
}

function activeOf(root: string, links: Map<string, string>): Facts['active'] {
  const generation = links.get(`${root}/current`)?.replace(/^generations\//, '');
  if (generation === undefined) return undefined;
  const last = (link: string) =>
    links.get(`${root}/generations/${generation}/${link}`)?.split('/').at(-1);
  return { generation, go: last('go') ?? '', modules: last('modules') ?? null };
}

function placesOf(
  places: string[][],
  blocks: string[][],
  links: Map<string, string>,
): Record<string, Place> {
  return Object.fromEntries(
    places.map(([path = '', kind]) => {
      const block = blocks.filter(([of]) => of === path).map((parts) => parts.slice(1).join('\t'));
      const place: Place = { kind: kind as PlaceKind };
      const target = links.get(path);
      if (target !== undefined) place.target = target;
      if (block.length > 2) place.block = block.slice(1, -1).join('\n');
      return [path, place];
    }),
  );
}
