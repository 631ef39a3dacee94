/**
 * Every error code of gofleet, in one table. The error reference (docs/errors.md) is generated from it.
 * `http` is the status of the problem document, `exit` the exit code of the command line, `retryable`
 * whether the same try may succeed later without anybody's help.
 */
export const CODES = {
  // what a person wrote
  usage: { title: 'Wrong use of a command', http: 400, exit: 2, retryable: false },
  invalid_file: { title: 'A file is not what it should be', http: 400, exit: 2, retryable: false },
  invalid_request: {
    title: 'A request is not what it should be',
    http: 400,
    exit: 2,
    retryable: false,
  },
  not_supported_yet: {
    title: 'Known, but not part of this release',
    http: 400,
    exit: 2,
    retryable: false,
  },
  plaintext_secret: { title: 'A secret in plain text', http: 400, exit: 2, retryable: false },
  duplicate_host: { title: 'A host is named twice', http: 400, exit: 2, retryable: false },
  no_hosts: { title: 'No host matches', http: 400, exit: 2, retryable: false },
  path_not_allowed: {
    title: 'A path leads outside its folder',
    http: 400,
    exit: 2,
    retryable: false,
  },
  // who asks
  unauthorized: { title: 'No valid token', http: 401, exit: 4, retryable: false },
  forbidden: { title: 'The token may not do this', http: 403, exit: 4, retryable: false },
  not_found: { title: 'There is no such thing', http: 404, exit: 1, retryable: false },
  // the state does not allow it
  conflict: { title: 'The present state does not allow it', http: 409, exit: 1, retryable: false },
  lock_conflict: {
    title: 'A host belongs to another rollout',
    http: 409,
    exit: 1,
    retryable: false,
  },
  in_use: { title: 'Something still needs it', http: 409, exit: 1, retryable: false },
  blobs_missing: {
    title: 'The bundle is not complete in the store',
    http: 409,
    exit: 1,
    retryable: true,
  },
  upload_offset: { title: 'The upload continues elsewhere', http: 409, exit: 1, retryable: true },
  precondition_failed: {
    title: 'It changed since it was read',
    http: 412,
    exit: 1,
    retryable: false,
  },
  too_large: { title: 'Larger than allowed', http: 413, exit: 2, retryable: false },
  unsupported_media_type: {
    title: 'The content type is not understood',
    http: 415,
    exit: 2,
    retryable: false,
  },
  range_not_satisfiable: {
    title: 'The range lies outside of what there is',
    http: 416,
    exit: 1,
    retryable: false,
  },
  blob_mismatch: {
    title: 'The bytes do not have the hash they should have',
    http: 422,
    exit: 1,
    retryable: false,
  },
  idempotency_mismatch: {
    title: 'The idempotency key was used for another request',
    http: 422,
    exit: 1,
    retryable: false,
  },
  upgrade_required: {
    title: 'The worker speaks another protocol',
    http: 426,
    exit: 1,
    retryable: false,
  },
  internal: { title: 'A fault in gofleet itself', http: 500, exit: 1, retryable: true },
  not_implemented: {
    title: 'Known, but not part of this release',
    http: 501,
    exit: 2,
    retryable: false,
  },
  unavailable: { title: 'A part of gofleet does not answer', http: 503, exit: 3, retryable: true },
  // hosts: no session, nothing changed
  refused: { title: 'The host refused the connection', http: 502, exit: 3, retryable: true },
  timeout: { title: 'The host did not answer in time', http: 502, exit: 3, retryable: true },
  cut: { title: 'The connection was cut', http: 502, exit: 3, retryable: true },
  name_unknown: {
    title: 'The address of the host is not known',
    http: 502,
    exit: 3,
    retryable: false,
  },
  // hosts: refused before a byte is sent
  auth: { title: 'The host refused the login', http: 502, exit: 3, retryable: false },
  host_key_unknown: { title: 'The host key is not pinned', http: 502, exit: 3, retryable: false },
  host_key_changed: {
    title: 'The host key is not the pinned one',
    http: 502,
    exit: 3,
    retryable: false,
  },
  host_key_unsupported: {
    title: 'The host key is of a kind that cannot be pinned',
    http: 502,
    exit: 3,
    retryable: false,
  },
  sudo: { title: 'Becoming root failed', http: 502, exit: 3, retryable: false },
  disk: { title: 'Not enough free space on the host', http: 502, exit: 1, retryable: false },
  inodes: { title: 'Not enough free inodes on the host', http: 502, exit: 1, retryable: false },
  platform: {
    title: 'The bundle has nothing for the platform of the host',
    http: 502,
    exit: 1,
    retryable: false,
  },
  root_unsafe: {
    title: 'The root folder on the host is not safe',
    http: 502,
    exit: 1,
    retryable: false,
  },
  tools: { title: 'A tool is missing on the host', http: 502, exit: 1, retryable: false },
  // hosts: while at work
  checksum: {
    title: 'What arrived on the host has another hash',
    http: 502,
    exit: 1,
    retryable: true,
  },
  health: { title: 'A check on the host failed', http: 502, exit: 1, retryable: false },
  host_locked: {
    title: 'Another gofleet is at work on the host',
    http: 502,
    exit: 1,
    retryable: false,
  },
  foreign_fleet: {
    title: 'The host belongs to another fleet',
    http: 502,
    exit: 1,
    retryable: false,
  },
  superseded: {
    title: 'Another worker or a later rollout has the host',
    http: 409,
    exit: 1,
    retryable: false,
  },
  host_ahead: {
    title: 'The host has seen later claims than this ledger granted',
    http: 409,
    exit: 1,
    retryable: false,
  },
  deadline: { title: 'It took longer than it may', http: 502, exit: 1, retryable: false },
  lost: { title: 'The host was lost after the switch began', http: 502, exit: 1, retryable: false },
  stopped: { title: 'Stopped at a safe point as asked', http: 409, exit: 1, retryable: false },
  rollback_failed: {
    title: 'What was there before could not be restored',
    http: 502,
    exit: 1,
    retryable: false,
  },
  remote: { title: 'A command on the host failed', http: 502, exit: 1, retryable: false },
  // our own side
  secret_not_allowed: {
    title: 'The worker may not use this secret or key',
    http: 502,
    exit: 1,
    retryable: false,
  },
  secret_missing: { title: 'A secret or key is not there', http: 502, exit: 1, retryable: false },
  blob_corrupt: {
    title: 'A blob in the store or cache is not what its name says',
    http: 500,
    exit: 1,
    retryable: true,
  },
  auth_held: {
    title: 'A login that was refused twice is not tried on',
    http: 503,
    exit: 1,
    retryable: false,
  },
  site_unavailable: { title: 'The site cannot be worked on', http: 503, exit: 1, retryable: true },
  // bundles
  bundle_invalid: {
    title: 'The bundle is not what its manifest says',
    http: 422,
    exit: 1,
    retryable: false,
  },
  base_missing: {
    title: 'What a differential bundle builds on is not there',
    http: 422,
    exit: 1,
    retryable: false,
  },
  signature_missing: { title: 'The bundle is not signed', http: 422, exit: 1, retryable: false },
  signature_invalid: {
    title: 'The signature is not one of this manifest',
    http: 422,
    exit: 1,
    retryable: false,
  },
  signature_untrusted: {
    title: 'The bundle is signed by nobody who may',
    http: 422,
    exit: 1,
    retryable: false,
  },
  source_unavailable: {
    title: 'No source has what the bundle needs',
    http: 502,
    exit: 3,
    retryable: true,
  },
  unverified: {
    title: 'Nobody vouches for what a bundle is to have',
    http: 422,
    exit: 1,
    retryable: false,
  },
  checksum_database_forked: {
    title: 'The checksum database has shown two histories',
    http: 422,
    exit: 1,
    retryable: false,
  },
  checksum_database_invalid: {
    title: 'The checksum database says what cannot be true',
    http: 422,
    exit: 1,
    retryable: false,
  },
  rehearsal_failed: {
    title: 'A pack lacks what a project needs',
    http: 422,
    exit: 1,
    retryable: false,
  },
  go_failed: { title: 'The go command failed', http: 500, exit: 1, retryable: false },
  disk_full: {
    title: 'A disk of this machine is full',
    http: 507,
    exit: 1,
    retryable: false,
  },
  missing_tool: {
    title: 'A program is missing on this machine',
    http: 500,
    exit: 3,
    retryable: false,
  },
} as const satisfies Record<string, CodeFacts>;

export interface CodeFacts {
  title: string;
  http: number;
  exit: 1 | 2 | 3 | 4;
  retryable: boolean;
}

export type ErrorCode = keyof typeof CODES;
