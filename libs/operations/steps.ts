import type { Before, PlaceKind } from './host/facts.ts';

/** An upload that a step needs; `offset` bytes of it are on the host already. */
export interface Upload {
  blob: string;
  size: number;
  offset: number;
  unpackedBytes: number;
  entries: number;
}

/** Something that makes a tree and switches nothing. */
export type StageStep =
  | { step: 'stageGo'; tree: string; upload: Upload; goEnv: string | undefined }
  | { step: 'linkGo'; tree: string; from: string; goEnv: string | undefined }
  | { step: 'stageModules'; tree: string; upload: Upload }
  | { step: 'fetchSource'; project: string; upload: Upload; cacheBytes: number };

/** Something that changes what users of the host see; together they are the switch. */
export type SwitchStep =
  | { step: 'activate'; generation: string; go: string; modules: string | null }
  | { step: 'deactivate' }
  | { step: 'link'; path: string; target: string }
  | { step: 'file'; path: string; text: string }
  | { step: 'block'; path: string; text: string; removeEmpty?: boolean }
  | { step: 'giveBack'; path: string; kind: PlaceKind; kept: string }
  | { step: 'giveBackFolder'; path: string; kept: string }
  | { step: 'record'; state: Before['state'] };

export type Step = StageStep | SwitchStep;

export function isStage(step: Step): step is StageStep {
  return ['stageGo', 'linkGo', 'stageModules', 'fetchSource'].includes(step.step);
}
