import { z } from 'zod';

/** 64 lower-case hex digits. */
export const Sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in 64 lower-case hex digits');
/** Names of bundles, packs and projects: they become parts of paths. */
export const Name = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    'must be at most 64 letters, digits, dots, dashes, underscores, and start with a letter or digit',
  );
/** A Go version without `go`: `1.21.5`, `1.22rc1`. */
export const GoVersion = z
  .string()
  .regex(/^1\.\d{1,3}(\.\d{1,3})?((rc|beta)\d{1,2})?$/, 'must be a Go version such as "1.21.5"');
const Word = z.string().regex(/^[a-z0-9]{1,16}$/, 'must be a GOOS or GOARCH such as linux, amd64');
const Count = z.int().min(0);
const Hash1 = z.string().regex(/^h1:[A-Za-z0-9+/]{43}=$/, 'must be an h1: hash');

/** A deterministic tar.gz in the blobs, and what it becomes when it is unpacked. */
const archive = {
  blob: Sha256,
  /** Bytes of the blob. */
  size: Count,
  /** Sum of the bytes of all files. */
  unpackedBytes: Count,
  /** Files, folders and links: inodes on the host. */
  entries: Count,
  /** `treeDigest()` of the archive: one hash over mode, SHA-256 and path of every entry. */
  tree: Sha256,
};

/** A GOROOT under the top folder `go/`. */
export const Toolchain = z.strictObject({
  version: GoVersion,
  os: Word,
  arch: Word,
  ...archive,
  /** The text of the file VERSION, which tells on a host what lies there. */
  versionText: z.string(),
  source: z.enum(['dl', 'proxy', 'goroot', 'dir']),
  /** What the bytes were checked against; `none` where nothing could be asked. */
  verified: z.enum(['published-sha256', 'checksum-database', 'none']),
  /** The h1 hash that Go's module of this toolchain has; null in bundles of earlier releases. */
  h1: Hash1.nullable(),
});
export type Toolchain = z.infer<typeof Toolchain>;

/** A module of a pack; `h1` is null where only the go.mod is in the pack. */
export const PackModule = z.strictObject({
  path: z.string().min(1),
  version: z.string().min(1),
  h1: Hash1.nullable(),
  goModH1: Hash1,
  verified: z.enum(['go.sum', 'checksum-database', 'none']),
  /**
   * SPDX identifiers of the licence files in its zip: `NOASSERTION` for one that is not recognised, `NONE` where there is
   * no such file. Empty where the zip is not in the pack.
   */
  licenses: z.array(z.string().min(1)).default([]),
});
export type PackModule = z.infer<typeof PackModule>;

/** The source of a project, under a top folder of its name. */
export const PackProject = z.strictObject({
  name: Name,
  /** Module path of its go.mod; of a workspace, that of its first member. */
  module: z.string().min(1),
  /** The `go` line of its go.work or go.mod; null where there is none. */
  go: z.string().nullable(),
  /** Folders of the members of its go.work, from the project's own; empty where it is one module. */
  workspace: z.array(z.string().min(1)).default([]),
  /** Whether it brings its modules along in vendor/, which go then builds from. */
  vendored: z.boolean().default(false),
  ...archive,
});
export type PackProject = z.infer<typeof PackProject>;

/** The checksum database that a pack carries under `sumdb/NAME`, rewritten to this one signed tree head. */
export const PackSumdb = z.strictObject({
  name: z.string().min(1),
  /** The verifier key, as in `sum.golang.org+033de0ae+…`: what GOSUMDB says on a host. */
  key: z.string().min(1),
  /** Records in the tree. */
  size: Count,
  /** The signed note of the tree head, as the database gave it. */
  head: z.string().min(1),
  /** Signed notes of heads that earlier packs had: the pack proves to who knows them that it goes on from there. */
  earlier: z.array(z.string().min(1)).default([]),
  /** Paths of its modules that the database knows nothing of: hosts must not ask for them (GONOSUMDB). */
  except: z.array(z.string().min(1)).default([]),
});
export type PackSumdb = z.infer<typeof PackSumdb>;

/** A file:// GOPROXY tree under the top folder `modules/`, and the projects it was made for. */
export const Pack = z.strictObject({
  name: Name,
  ...archive,
  modules: z.array(PackModule),
  projects: z.array(PackProject),
  /** Modules that are in it besides those of projects: `path@version`, as `also` and `tools` name them. */
  also: z.array(z.string().min(1)).default([]),
  /** null where it carries none, so that GOSUMDB has to be off on hosts. */
  sumdb: PackSumdb.nullable().default(null),
  /** The dependency graphs of its projects: a JSON blob of the schema `Graphs`. */
  graphs: z.strictObject({ blob: Sha256, size: Count }).nullable().default(null),
});
export type Pack = z.infer<typeof Pack>;

/** Where a blob lies in a bundle folder. */
export const BundleBlob = z.strictObject({ sha256: Sha256, size: Count, path: z.string() });
export type BundleBlob = z.infer<typeof BundleBlob>;

/** A command that hosts can install from a pack with `go install package@version`. */
export const Tool = z.strictObject({
  package: z.string().min(1),
  module: z.string().min(1),
  version: z.string().min(1),
  /** The packs whose modules make it installable. */
  packs: z.array(Name).min(1),
});
export type Tool = z.infer<typeof Tool>;

/** What one step of a rehearsal ended with: as it does with a network, or not. */
export const RehearsalStep = z.strictObject({
  /** `install` for tools, `get` for modules of `also`, `typecheck` for other platforms than the builder's. */
  step: z.enum(['verify', 'list', 'build', 'vet', 'test', 'tidy', 'install', 'get', 'typecheck']),
  platform: z.string().min(1),
  /** `fails-online-too`: the project's own fault, the same with a network; anything else that fails ends the build. */
  result: z.enum(['passed', 'fails-online-too', 'not-applicable']),
  /** Why, where it did not pass; empty otherwise. */
  note: z.string().default(''),
});
export type RehearsalStep = z.infer<typeof RehearsalStep>;

/** What was tried from the packs alone, in an empty home with the network cut. */
export const Rehearsal = z.strictObject({
  /** Version of the Go that was used, without `go`. */
  go: z.string().min(1),
  /** `cut`: no network device; `refused`: where that may not be done, a proxy that nobody listens at. */
  network: z.enum(['cut', 'refused']),
  projects: z.array(
    z.strictObject({ pack: Name, project: z.string().min(1), steps: z.array(RehearsalStep) }),
  ),
});
export type Rehearsal = z.infer<typeof Rehearsal>;

const nothingYet = z.array(z.unknown()).max(0, 'is not supported by this release');

/** manifest.json. Its SHA-256 is the digest of the bundle. */
export const Manifest = z
  .strictObject({
    schema: z.literal(1),
    name: Name,
    toolchains: z.array(Toolchain),
    packs: z.array(Pack),
    releases: nothingYet,
    tools: z.array(Tool).default([]),
    blobs: z.array(BundleBlob),
    /** null where it was left out. */
    rehearsal: Rehearsal.nullable(),
    /** What could not be checked against its source: `go 1.21.5 linux/amd64`, `path@version`. */
    unverified: z.array(z.string().min(1)).default([]),
    /** sbom.cdx.json: it lies beside the manifest and is no blob. */
    sbom: z.strictObject({ sha256: Sha256, size: Count }).nullable().default(null),
  })
  .superRefine((manifest, context) => {
    for (const fault of contradictions(manifest)) context.addIssue({ code: 'custom', ...fault });
  });
export type Manifest = z.infer<typeof Manifest>;
/** A manifest as it may be written: what has a default may be left out. */
export type ManifestDraft = z.input<typeof Manifest>;

interface Contradiction {
  path: (string | number)[];
  message: string;
}

interface Parts {
  toolchains: Toolchain[];
  packs: Pack[];
  blobs: BundleBlob[];
}

/** What a schema of single values cannot see: dangling, repeated and misplaced blobs, names used twice. */
function contradictions(manifest: Parts): Contradiction[] {
  return [...misplaced(manifest), ...dangling(manifest), ...repeated(manifest)];
}

function misplaced({ blobs }: Parts): Contradiction[] {
  return blobs.flatMap(({ sha256, path }, index) =>
    path === blobPath(sha256)
      ? []
      : [{ path: ['blobs', index, 'path'], message: `must be ${blobPath(sha256)}` }],
  );
}

function dangling(manifest: Parts): Contradiction[] {
  const sizes = new Map(manifest.blobs.map(({ sha256, size }) => [sha256, size]));
  return archivesOf(manifest).flatMap(({ path, blob, size }) =>
    sizes.get(blob) === size
      ? []
      : [{ path: [...path, 'blob'], message: 'is not among the blobs with this size' }],
  );
}

function repeated(manifest: Parts): Contradiction[] {
  const keyed: [string, string[]][] = [
    ['blobs', manifest.blobs.map(({ sha256 }) => sha256)],
    ['toolchains', manifest.toolchains.map((each) => `${each.version} ${each.os}/${each.arch}`)],
    ['packs', manifest.packs.map(({ name }) => name)],
  ];
  return keyed.flatMap(([list, keys]) =>
    keys.flatMap((key, index) =>
      keys.indexOf(key) === index
        ? []
        : [{ path: [list, index], message: `${key} is there twice` }],
    ),
  );
}

function archivesOf({ toolchains, packs }: Parts) {
  return [
    ...toolchains.map((each, index) => ({ path: ['toolchains', index], ...sized(each) })),
    ...packs.map((each, index) => ({ path: ['packs', index], ...sized(each) })),
    ...packs.flatMap((pack, index) =>
      pack.projects.map((each, at) => ({ path: ['packs', index, 'projects', at], ...sized(each) })),
    ),
    ...packs.flatMap(({ graphs }, index) =>
      graphs ? [{ path: ['packs', index, 'graphs'], ...sized(graphs) }] : [],
    ),
  ];
}

function sized({ blob, size }: { blob: string; size: number }): { blob: string; size: number } {
  return { blob, size };
}

/** `blobs/sha256/ab/abcdef…` */
export function blobPath(sha256: string): string {
  return `blobs/sha256/${sha256.slice(0, 2)}/${sha256}`;
}
