import { z } from 'zod';
import { GoEnv } from './schema.ts';

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex');
const Bytes = z.int().nonnegative();

/** A gzipped tar archive in the store. `entries` counts files, folders and links once unpacked. */
export const ArchiveBlob = z.strictObject({
  blob: Sha256,
  /** Bytes of the archive. */
  size: Bytes,
  unpackedBytes: Bytes,
  entries: z.int().nonnegative(),
});
export type ArchiveBlob = z.infer<typeof ArchiveBlob>;

/** A toolchain for one platform; the archive has the one top folder `go/`. */
export const ToolchainArchive = ArchiveBlob.extend({
  version: z.string(),
  os: z.string(),
  arch: z.string(),
});
export type ToolchainArchive = z.infer<typeof ToolchainArchive>;

/** The source of one project of a pack, under a top folder of its name. */
export const ProjectSource = ArchiveBlob.extend({
  name: z.string(),
  /** Folders of the members of its go.work; left out where it is one module. */
  workspace: z.array(z.string()).optional(),
});
export type ProjectSource = z.infer<typeof ProjectSource>;

/** A check with all that it needs; `timeout` in milliseconds. */
export const ResolvedCheck = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('command'),
    /** Twelve hex digits over all that the check says: `state.json` records it by this. */
    id: z.string(),
    command: z.string(),
    expect: z.string().optional(),
    user: z.string().optional(),
    timeout: z.int().positive(),
  }),
  z.strictObject({
    kind: z.literal('goBuild'),
    id: z.string(),
    project: ProjectSource,
    user: z.string().optional(),
    timeout: z.int().positive(),
  }),
]);
export type ResolvedCheck = z.infer<typeof ResolvedCheck>;

/** An operation with everything of the bundle in it, frozen with a rollout. Needs nothing else to be carried out. */
export const ResolvedOperation = z.discriminatedUnion('operation', [
  z.strictObject({
    operation: z.literal('go-toolchain'),
    version: z.string(),
    archives: z.array(ToolchainArchive).min(1),
  }),
  /** The archive has the one top folder `modules/`. */
  ArchiveBlob.extend({
    operation: z.literal('module-pack'),
    pack: z.string(),
    projects: z.array(ProjectSource),
  }),
  GoEnv.extend({ operation: z.literal('go-env') }),
  z.strictObject({ operation: z.literal('health-check'), checks: z.array(ResolvedCheck).min(1) }),
]);
export type ResolvedOperation = z.infer<typeof ResolvedOperation>;

export type ResolvedGoToolchain = Extract<ResolvedOperation, { operation: 'go-toolchain' }>;
export type ResolvedModulePack = Extract<ResolvedOperation, { operation: 'module-pack' }>;
export type ResolvedGoEnv = Extract<ResolvedOperation, { operation: 'go-env' }>;
export type ResolvedHealthCheck = Extract<ResolvedOperation, { operation: 'health-check' }>;
