export type { Command } from './command.ts';
export {
  Check,
  GoEnv,
  GoToolchain,
  HealthCheck,
  ModulePack,
  OPERATION_NAMES,
  Playbook,
  PlaybookOperation,
  type OperationName,
} from './playbook/schema.ts';
export {
  ArchiveBlob,
  ProjectSource,
  ResolvedCheck,
  ResolvedOperation,
  ToolchainArchive,
} from './playbook/resolved.ts';
export { contradictions } from './playbook/contradictions.ts';
export {
  blobsOf,
  resolvePlaybook,
  type BundleContents,
  type PackContents,
} from './playbook/resolve.ts';
export type {
  Become,
  HostFault,
  HostSummary,
  Outcome,
  OutcomeState,
  StepRecord,
  StopReason,
  Task,
  TaskKind,
  TaskRetries,
  TaskTimeouts,
  TreeReading,
} from './task.ts';
export type { ExecOptions, Payload, RemoteResult, Transport } from './transport.ts';
export { lines, literally, path, secret, sh, assign } from './command.ts';
export { expectKnown, expectRead, type Expected } from './expect.ts';
export { readFacts, type Facts } from './host/facts.ts';
export { runScript, type Session } from './host/session.ts';
export { KnownTree } from './installed.ts';
export { type TreeDifference, type TreeFile } from './compare-tree.ts';
export { visitHost } from './converge/visit-host.ts';
export type { Blobs, Deps, Report } from './converge/deps.ts';
export { summarize } from './converge/summary.ts';
export { inspectHost, type InspectOptions } from './host/inspect.ts';
